"""Mail through Apprise's own plugin, with a transport that knows how far it came.

On the article's way: the sending of ``mailto`` and ``mailtos`` channels. Apprise reads the channel's URL, knows the
providers, and builds the message; what it lacks is told here: one stable Message-ID instead of a second header with a
fresh one, a deadline over the whole conversation, and whether a failure came before the message was handed over (not
delivered) or after (nobody knows).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from contextlib import suppress
from email import message_from_string
from email.charset import QP, Charset
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message as MimeMessage
from email.policy import SMTP as SMTP_POLICY
from io import BytesIO
from threading import Lock
from typing import Any

import regex
from apprise.plugins.email import NotifyEmail
from apprise.plugins.email.smtp import SMTPSecureMode

from monitor.model import SendOutcome, SendResult

__all__ = ["Mail"]

_ENHANCED = regex.compile(rb"\b([245]\.\d{1,3}\.\d{1,3})\b")
# RFC 3463: the message is too big for the mailbox or for the system. Every other refusal (a full mailbox, a login, a
# policy, an unknown address) is one that a person can mend, after which the next try goes through.
_NEVER = {b"5.2.3", b"5.3.4"}
# RFC 5322, 2.1.1: octets in a line without its end. Servers refuse longer ones.
_LONGEST_LINE = 998
_SEALED = {"multipart/signed", "multipart/encrypted"}


class _Stopped(Exception):
    """The deadline passed before the message was handed over."""


class Mail(NotifyEmail):  # type: ignore[no-untyped-call]  # Apprise's plugins are typed in parts
    """One mail to the channel's recipients. ``outcome`` tells what became of it once ``send`` has returned."""

    message_id: str
    extra_headers: dict[str, str]
    step_timeout: float
    outcome: SendResult | None = None

    def prepare(self, *, message_id: str, headers: dict[str, str], step_timeout: float, plain: str = "") -> None:
        """Set what Apprise's URL can't say. ``step_timeout`` (seconds) bounds each answer of the server.

        ``plain``: the part for those who read mails as text, in place of Apprise's own translation of the HTML.
        """
        self.plain = plain
        self.message_id = message_id
        self.extra_headers = headers
        self.step_timeout = step_timeout
        self._gate = Lock()
        self._stopped = False
        self._handed_over = False
        self._step = "connecting"
        self._server: smtplib.SMTP | None = None

    def stop(self) -> bool:
        """End the conversation from another thread; True when the message may already have been taken."""
        with self._gate:
            self._stopped = True
            handed_over = self._handed_over
            server = self._server
        if server is not None and server.sock is not None:
            with suppress(OSError):
                server.sock.shutdown(socket.SHUT_RDWR)
        return handed_over

    def send(self, body: str, title: str = "", *_args: Any, body_format: Any = None, **_options: Any) -> bool:
        """Send one message: the hook that Apprise calls. True only when the server took it for every recipient."""
        self.outcome = self._converse(body, title, body_format)
        return self.outcome.outcome is SendOutcome.SENT

    def _converse(self, body: str, title: str, body_format: Any) -> SendResult:
        server: smtplib.SMTP | None = None
        try:
            server = self._connect()
            for mail in NotifyEmail.prepare_emails(
                subject=title,
                body=body,
                notify_format=self.resolve_format(body_format),
                from_addr=self.from_addr,
                to=self.targets,
                cc=self.cc,
                bcc=self.bcc,
                reply_to=self.reply_to,
                smtp_host=self.smtp_host,
                headers={"X-Application": self.app_id, **self.headers, **self.extra_headers},
                names=self.names,
                pgp=self.pgp,
                pgp_mode=self.pgp_mode,
                tzinfo=self.tzinfo,
            ):
                self._hand_over(server, list(mail.to_addrs), self._finished(mail.body, title))
        except smtplib.SMTPResponseException as refused:
            return self._refused(refused)
        except smtplib.SMTPRecipientsRefused as refused:
            code = next(iter(refused.recipients.values()))[0]
            return SendResult(outcome=SendOutcome.FAILED, detail=f"the mail server refused the recipient ({code})")
        except ssl.SSLCertVerificationError:
            return self._broken("the mail server's certificate could not be verified")
        except TimeoutError:
            return self._broken(f"the mail server did not answer in time while {self._step}")
        except _Stopped:
            return self._broken(f"the deadline passed while {self._step}")
        except smtplib.SMTPServerDisconnected:
            # smtplib calls a time-out on an answer so, too.
            return self._broken(f"the mail server hung up or fell silent while {self._step}")
        except (OSError, smtplib.SMTPException) as error:
            return self._broken(f"the connection to the mail server failed while {self._step} ({type(error).__name__})")
        finally:
            self._say_goodbye(server)
        return SendResult(outcome=SendOutcome.SENT)

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if not self.verify_certificate:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self.secure_mode == SMTPSecureMode.SSL:
            server: smtplib.SMTP = smtplib.SMTP_SSL(timeout=self.step_timeout, context=context)
        else:
            server = smtplib.SMTP(timeout=self.step_timeout)
        # smtplib checks a certificate against this name; without a host in its constructor it would be empty.
        server._host = self.smtp_host  # type: ignore[attr-defined]  # noqa: SLF001
        with self._gate:
            self._server = server
        server.connect(self.smtp_host, self.port or 0)
        self._next("greeting the server")
        server.ehlo_or_helo_if_needed()
        if self.secure_mode == SMTPSecureMode.STARTTLS:
            self._next("starting encryption")
            server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
        if self.user and self.password:
            self._next("logging in")
            server.login(self.user, self.password)
        return server

    def _hand_over(self, server: smtplib.SMTP, recipients: list[str], message: bytes) -> None:
        """One message to its recipients. RFC 5321, 4.2.5: it is the server's once it has answered the closing dot."""
        self._next("naming the sender")
        sender = str(self.from_addr[1])
        code, reply = server.mail(sender)
        if code != 250:
            raise smtplib.SMTPSenderRefused(code, reply, sender)
        self._next("naming the recipient")
        for recipient in recipients:
            code, reply = server.rcpt(recipient)
            if code not in {250, 251}:
                raise smtplib.SMTPRecipientsRefused({recipient: (code, reply)})
        self._next("handing over the message")
        code, reply = server.docmd("DATA")
        if code != 354:
            raise smtplib.SMTPDataError(code, reply)
        # All but the closing dot first: until that dot is out, the server holds half a message and drops it.
        server.send(regex.sub(rb"(?m)^\.", b"..", message).removesuffix(b"\r\n"))
        with self._gate:
            if self._stopped:
                raise _Stopped
            self._handed_over = True
            self._step = "waiting for the receipt"
        server.send(b"\r\n.\r\n")
        code, reply = server.getreply()
        with self._gate:
            # The server has spoken: yes or no, it is in doubt no more.
            self._handed_over = False
        if code != 250:
            raise smtplib.SMTPDataError(code, reply)

    def _finished(self, message: str, title: str) -> bytes:
        parsed = message_from_string(message)
        del parsed["Message-ID"]
        parsed["Message-ID"] = self.message_id
        del parsed["Subject"]
        # Always as encoded words: a headline may hold what only looks like one, and mail readers would decode it.
        parsed["Subject"] = Header(title, "utf-8", header_name="Subject").encode()
        if parsed.get_content_type() not in _SEALED:
            for part in parsed.walk():
                if self.plain and part.get_content_type() == "text/plain":
                    _set_text(part, self.plain)
                _shorten_lines(part)
        out = BytesIO()
        BytesGenerator(out, mangle_from_=False, policy=parsed.policy.clone(linesep=SMTP_POLICY.linesep)).flatten(parsed)
        return out.getvalue()

    def _next(self, step: str) -> None:
        with self._gate:
            if self._stopped:
                raise _Stopped
            self._step = step

    def _broken(self, words: str) -> SendResult:
        if self._handed_over:
            return SendResult(outcome=SendOutcome.UNKNOWN, detail=f"{words}; the mail may have arrived")
        return SendResult(outcome=SendOutcome.FAILED, detail=words)

    def _refused(self, refused: smtplib.SMTPResponseException) -> SendResult:
        # The server's own words stay out: they may repeat the login or the address.
        reply = refused.smtp_error if isinstance(refused.smtp_error, bytes) else str(refused.smtp_error).encode()
        enhanced = _ENHANCED.search(reply)
        code = f"{refused.smtp_code}" + (f" {enhanced[1].decode()}" if enhanced else "")
        never = enhanced is not None and enhanced[1] in _NEVER
        if isinstance(refused, smtplib.SMTPAuthenticationError):
            words = f"the mail server refused the login ({code})"
        else:
            words = f"the mail server refused while {self._step} ({code})"
        return SendResult(outcome=SendOutcome.REFUSED if never else SendOutcome.FAILED, detail=words)

    def _say_goodbye(self, server: smtplib.SMTP | None) -> None:
        """Close without waiting for a server that is slow to say goodbye: the outcome stands already."""
        server = server or self._server
        if server is None:
            return
        if server.sock is not None:
            with suppress(OSError, smtplib.SMTPException):
                server.putcmd("quit")
        server.close()


def _shorten_lines(part: MimeMessage) -> None:
    """Write a text whose lines are too long for mail as quoted-printable: a sentence in Chinese is, in one line."""
    if part.get_content_maintype() != "text":
        return
    raw = part.get_payload(decode=True)
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else ""
    if max(map(len, str(part.get_payload()).encode("utf-8", "replace").splitlines()), default=0) <= _LONGEST_LINE:
        return
    _set_text(part, text)


def _set_text(part: MimeMessage, text: str) -> None:
    charset = Charset("utf-8")
    charset.body_encoding = QP
    del part["Content-Transfer-Encoding"]
    part.set_payload(text, charset)
