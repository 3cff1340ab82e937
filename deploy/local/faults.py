"""What can go wrong on somebody's machine, said in one line that tells what to do."""


class Fault(Exception):
    """The stack cannot run. The text is shown to a person, without a traceback: cause, then remedy."""
