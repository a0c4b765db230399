"""What the tests wait for."""

from watchword_sim.outputs import MailSent, Output


def mail_that(start: bytes):
    """A frame in the mailbox that begins so."""

    def is_it(output: Output) -> bool:
        return isinstance(output, MailSent) and output.frame.startswith(start)

    return is_it


def mail_that_ends(end: bytes):
    """A frame in the mailbox that ends so."""
    return lambda output: isinstance(output, MailSent) and output.frame.endswith(end)


def an(kind: type):
    """Any output of that kind."""
    return lambda output: isinstance(output, kind)


def mail(board) -> list[bytes]:
    """All frames that the firmware has put in the mailbox."""
    return [output.frame for output in board.log.kept if isinstance(output, MailSent)]
