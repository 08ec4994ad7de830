"""Pictures of services: visitors have no rights on the model that holds them."""

from odoo import http
from odoo.http import request

from ...guard.routes import public_route
from ..lookup import find_offer

WEEK = 7 * 24 * 60 * 60


class ServicePictures(http.Controller):
    @public_route(
        "/bookings/<string:slug>/picture/<string:number>",
        "picture",
        answers="picture",
        methods=["GET"],
        multilang=False,
        readonly=True,
    )
    def picture(self, slug, number, **_query):
        """256 pixels at most; only of a service that is offered on a published page."""
        service = find_offer(slug).service_ids.filtered(lambda each: str(each.id) == number)
        if not service.with_context(bin_size=True).image_256:
            raise request.not_found()
        stream = request.env["ir.binary"]._get_image_stream_from(service, "image_256")
        # A new picture has a new address.
        return stream.get_response(max_age=WEEK)
