"""What the functions of this program run."""


def handle(event: object, _context: object) -> object:
    """Give back what came."""
    return event
