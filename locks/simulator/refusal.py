"""How everything here says no."""


class Refusal(Exception):
    """A request is not done. `code` is the machine's word, `status` the HTTP status it is answered with."""

    def __init__(self, status: int, code: str, message: str, retry_after: int | None = None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        """Seconds, where the answer names them."""


def bad_request(message: str) -> Refusal:
    return Refusal(400, "bad_request", message)
