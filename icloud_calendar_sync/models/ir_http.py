from odoo import models
from odoo.http import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, abort

from ..exceptions import LostRace
from ..guard import fields, gate, headers, refusal
from ..guard.routes import Guard

# Whoever was faster has committed: the second look sees it, unless it is lost again meanwhile.
MOST_LOOKS = 3
# What else answers at an address that may hold a token: another language's, and mistyped ones.
_LINKS = "/booking/"
_PRIVATE = headers.headers_of(Guard("page", is_private=True))


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _get_translation_frontend_modules_name(cls):
        # Public pages get the translations of the modules named here, and of no other.
        return [*super()._get_translation_frontend_modules_name(), "icloud_calendar_sync"]

    @classmethod
    def _match(cls, path):
        try:
            return super()._match(path)
        except MethodNotAllowed as refused:
            if "/booking" not in path:
                raise
            raise MethodNotAllowed(response=refusal.not_allowed(refused)) from refused
        except HTTPException as answered:
            if answered.response is not None and _LINKS in path:
                answered.response.headers.update(_PRIVATE)
            raise

    @classmethod
    def _pre_dispatch(cls, rule, args):
        guard = rule.endpoint.routing.get("guard")
        request.booking_guard = guard
        if guard:
            cls._booking_headers(headers.headers_of(guard))
            # Odoo lets it in everywhere, and takes no token with it.
            if request.httprequest.method == "OPTIONS":
                allowed = ", ".join(sorted(rule.methods or ()))
                abort(Response(status=204, headers={"Allow": allowed}))
        result = super()._pre_dispatch(rule, args)
        if guard:
            booking_type = gate.pass_through(guard, args)
            cls._booking_headers(headers.headers_of(guard, booking_type._frame_origins()))
            fields.read_body()
            request.booking_is_read, request.booking_args = True, args
        return result

    @classmethod
    def _booking_headers(cls, wanted):
        # Every answer gets these, whoever makes it.
        for name, value in wanted.items():
            request.future_response.headers.set(name, value)
        if "X-Frame-Options" not in wanted:
            request.future_response.headers.pop("X-Frame-Options", None)

    @classmethod
    def _handle_error(cls, exception):
        guard = getattr(request, "booking_guard", None)
        if not guard:
            response = super()._handle_error(exception)
            if _LINKS in request.httprequest.path and isinstance(response, Response):
                response.headers.update(_PRIVATE)
            return response
        # What failed may have left the transaction unusable.
        request.env.cr.rollback()
        if not request.env.uid:
            cls._auth_method_public()
        cls._frontend_pre_dispatch()
        response = refusal.answer(guard, exception)
        cls._post_dispatch(response)
        return response

    @classmethod
    def _dispatch(cls, endpoint):
        if endpoint.routing.get("guard"):
            request.params = fields.texts(request.booking_args)
        # As `odoo.service.model.retrying` does it, without its pause of up to two seconds, which a
        # visitor would notice, and in which the process serves nobody.
        for _look in range(MOST_LOOKS - 1):
            try:
                return super()._dispatch(endpoint)
            except LostRace:
                request.env.cr.rollback()
                request.env.transaction.reset()
                request.env.registry.reset_changes()
        return super()._dispatch(endpoint)
