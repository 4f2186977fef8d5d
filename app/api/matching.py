"""Which route a request is for, before any of its body is read."""

import re
from collections.abc import Iterable, Sequence

from fastapi.routing import RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, Mount, compile_path


def names(routes: Sequence[BaseRoute]) -> list[str]:
    """Every method and path that can be asked for, such as `GET /v1/plans/{plan_id}`."""
    found = [_methods_and_path(context) for context in iter_route_contexts(routes)]
    return [f"{method} {path}" for methods, path in found for method in sorted(methods)]


class Matcher:
    """Finds the name of the route that the app will choose."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        """Compile the paths, in the order in which the app tries them."""
        self._routes = [
            (_pattern(context), frozenset(methods), path)
            for context in iter_route_contexts(routes)
            for methods, path in (_methods_and_path(context),)
        ]

    def name(self, method: str, path: str) -> str | None:
        """E.g. `GET /v1/plans/{plan_id}`; None where no route takes the method and path."""
        method = "GET" if method == "HEAD" else method
        return next(
            (
                f"{method} {template}"
                for pattern, methods, template in self._routes
                if method in methods and pattern.match(path)
            ),
            None,
        )


def _methods_and_path(context: RouteContext) -> tuple[Iterable[str], str]:
    methods = (context.methods or {"GET"}) - {"HEAD"}  # whoever may GET may ask for the head
    return methods, context.path or ""


def _pattern(context: RouteContext) -> re.Pattern[str]:
    path = context.path or ""
    is_mount = isinstance(context.original_route, Mount)
    return compile_path(f"{path}/{{path:path}}" if is_mount else path)[0]
