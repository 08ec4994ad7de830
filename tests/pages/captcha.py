"""Google's and Cloudflare's ends of a captcha, on this machine."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

from playwright.sync_api import BrowserContext, Route

SECRET = "secret"
GOOGLE, CLOUDFLARE = "www.recaptcha.net", "challenges.cloudflare.com"

# As their own scripts behave towards Odoo's: a token is a promise, or a field of the form.
_GOOGLE_SCRIPT = """
    window.grecaptcha = {
        ready: (callback) => callback(),
        execute: async (key, { action }) => `human ${action} ${Math.random()}`,
    };
"""
_CLOUDFLARE_SCRIPT = """
    window.turnstile = {
        render(el) {
            if (el.querySelector("input")) return;
            const wrapper = document.createElement("div");
            const input = document.createElement("input");
            input.type = "hidden";
            input.name = el.dataset.responseFieldName;
            input.value = `human ${el.dataset.action} ${Math.random()}`;
            wrapper.append(input);
            el.append(wrapper);
            window[el.dataset.callback].call({ wrapper });
        },
    };
    document.querySelectorAll(".cf-turnstile").forEach(window.turnstile.render);
"""


class Judge:
    """Says of a token whether a person got it, once; `heard` are all that were asked about."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []

    def judge(self, who: str, form: dict[str, list[str]]) -> dict[str, object]:
        token = form.get("response", [""])[0]
        is_used = (who, token) in self.heard
        self.heard.append((who, token))
        if form.get("secret") != [SECRET]:
            return {"success": False, "error-codes": ["invalid-input-secret"]}
        if is_used:
            return {"success": False, "error-codes": ["timeout-or-duplicate"]}
        if not token.startswith("human "):
            return {"success": False, "error-codes": ["invalid-input-response"]}
        return {"success": True, "score": 0.9, "action": token.split()[1]}


@contextmanager
def judging(judge: Judge) -> Iterator[str]:
    """The address at which both can be asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            answer = json.dumps(judge.judge(self.path.strip("/"), parse_qs(body))).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def give_scripts(context: BrowserContext) -> None:
    """What the browser would load from them."""

    def answer(script: str):
        def fulfill(route: Route) -> None:
            route.fulfill(body=script, content_type="text/javascript")

        return fulfill

    context.route(f"https://{GOOGLE}/**", answer(_GOOGLE_SCRIPT))
    context.route(f"https://{CLOUDFLARE}/**", answer(_CLOUDFLARE_SCRIPT))
