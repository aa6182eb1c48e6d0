"""The content security policy: everything from this house, nothing inline, nothing evaluated."""

from asgiref.sync import iscoroutinefunction, markcoroutinefunction

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityPolicy:
    """Adds the one static policy to every answer. Works in sync and async stacks."""

    sync_capable = async_capable = True

    def __init__(self, get_response):
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request):
        if self.is_async:
            return self._acall(request)
        return self._mark(self.get_response(request))

    async def _acall(self, request):
        return self._mark(await self.get_response(request))

    @staticmethod
    def _mark(response):
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
