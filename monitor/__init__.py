"""A self-hosted news watch: polls feeds, finds what a person must not miss, tells each story once."""

__version__ = "0.1.0"
