"""Text: the words of an article and of a rule under one spelling, with their places, stems and language. Pure."""

from monitor.text.field import FieldText, analyse
from monitor.text.fold import fold, visible
from monitor.text.language import Language, decide_language
from monitor.text.nearness import nearest
from monitor.text.stems import (
    has_stemmer,
    inflects,
    inflects_by_prefix,
    key_decides,
    keys_in,
    prefix_stem,
    same_word,
    stem,
    term_keys,
)
from monitor.text.tokens import PARAGRAPH_STEP, Token, Word, is_caps, letters_in, plain_forms, words, words_in

__all__ = [
    "PARAGRAPH_STEP",
    "FieldText",
    "Language",
    "Token",
    "Word",
    "analyse",
    "decide_language",
    "fold",
    "has_stemmer",
    "inflects",
    "inflects_by_prefix",
    "is_caps",
    "key_decides",
    "keys_in",
    "letters_in",
    "nearest",
    "plain_forms",
    "prefix_stem",
    "same_word",
    "stem",
    "term_keys",
    "visible",
    "words",
    "words_in",
]
