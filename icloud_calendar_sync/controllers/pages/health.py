"""How the sync does, for the programs of whoever runs the server."""

import hmac
from http import HTTPStatus

from odoo import http
from odoo.http import Response, request

from ...guard.routes import public_route
from ..shown.health import as_families, as_plain
from ..shown.openmetrics import CONTENT_TYPE, as_text

_BEARER = "bearer "
# In front of the caller's own words, so that nobody has a secret of ours from an error.
_REALM = {"WWW-Authenticate": 'Bearer realm="bookings/health"'}


class Health(http.Controller):
    @public_route(
        "/bookings/health",
        "health",
        answers="json",
        methods=["GET"],
        multilang=False,
        readonly=True,
    )
    def health(self, **_query):
        """Numbers for monitoring, as JSON or as OpenMetrics.

        404 while nobody has made a token, 401 with a wrong one; 503 when the state is critical, as
        JSON only: a scrape of metrics that is not 200 would be lost.
        """
        # sudo: strangers read neither the token's hash nor any number without the token.
        health = request.env["icloud.health"].sudo()
        wanted = health._token_hash()
        if not wanted:
            return _refuse(HTTPStatus.NOT_FOUND, request.env._("There is nothing at this address."))
        if not hmac.compare_digest(wanted, health._hash(_token())):
            words = request.env._("Ask with “Authorization: Bearer” and the token.")
            return _refuse(HTTPStatus.UNAUTHORIZED, words, _REALM)
        report = health._report()
        if _wants_metrics():
            return Response(as_text(as_families(report)), content_type=CONTENT_TYPE)
        is_critical = report["status"] == "critical"
        status = HTTPStatus.SERVICE_UNAVAILABLE if is_critical else HTTPStatus.OK
        return request.make_json_response(as_plain(report), status=status)


def _token():
    said = request.httprequest.headers.get("Authorization", "")
    return said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else ""


def _wants_metrics():
    asked = request.httprequest.args.get("format")
    if asked:
        return asked == "openmetrics"
    return "application/openmetrics-text" in request.httprequest.headers.get("Accept", "")


def _refuse(status, words, headers=None):
    return request.make_json_response({"error": words}, headers=headers, status=status)
