"""Odoo's external API as it is since Odoo 19: JSON-2, with an API key."""

import json
import secrets
import urllib.error
import urllib.request
from typing import Any

from passlib.hash import pbkdf2_sha512

from devtools.demo.rpc import RpcError

SECONDS = 60
# As `res.users.apikeys: _generate`, which only a user at the screen may call.
_INDEX_SIZE = 8
_KEY = """
    INSERT INTO res_users_apikeys (name, user_id, key, index) VALUES ('race', %s, %s, %s)
"""


class JsonApi:
    """One user of one database, known by an API key."""

    def __init__(self, url: str, database: str, key: str) -> None:
        self._url = url
        self._headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json",
            "X-Odoo-Database": database,
        }

    @classmethod
    def with_new_key(cls, url: str, database: str, connection: Any, uid: int) -> "JsonApi":
        """:param connection: of a database user who may write to Odoo's tables"""
        key = secrets.token_hex(20)
        row = [uid, pbkdf2_sha512.using(rounds=6000).hash(key), key[:_INDEX_SIZE]]
        connection.cursor().execute(_KEY, row)
        return cls(url, database, key)

    def call(self, model: str, method: str, ids: list[int], **named: Any) -> Any:
        """What the method answers.

        :raise RpcError: what went wrong, with the class in Odoo
        """
        request = urllib.request.Request(
            f"{self._url}/json/2/{model}/{method}",
            json.dumps({"ids": ids, **named}).encode(),
            self._headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            said = json.load(error)
            raise RpcError(said["message"], said["name"]) from error
