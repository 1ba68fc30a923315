# SPDX-License-Identifier: Apache-2.0
"""NASA's LAADS archive and Earthdata Login, as far as the tools look at them.

Files are the objects of bucket "laads": <set>/<product>/<yyyy>/<ddd>/<file>. Settings: "sums" false
leaves the digests out of listings, "redirect" true sends downloads to another host, which refuses
requests that bring credentials along.
"""
import base64
import hashlib
import json
import re

TOKEN = "token-MARKER-edl"
LOGIN = base64.b64encode(b"me:password-MARKER-edl").decode()


def objects(server):
    return server.state.data.get("s3", {}).get("laads", {})


def laads(server, request):
    if request.headers.get("Authorization") != f"Bearer {server.state.settings.get('token', TOKEN)}":
        return request.reply_json({"error": "token"}, 401)
    path = request.rest
    listing = re.fullmatch(r"api/v2/content/details/allData/(\d+/\w+/\d{4}/\d{3})", path)
    if listing:
        names = [k for k in objects(server) if k.startswith(listing[1] + "/")]
        if not names:
            return request.reply_json({"error": "not found"}, 404)
        content = []
        for key in sorted(names):
            body = objects(server)[key]["body"]
            row = {"name": key.split("/")[-1], "size": len(body), "resourceType": "File",
                   "downloadsLink": "https://evil.test/" + key}
            if server.state.settings.get("sums", True):
                row["md5sum"] = hashlib.md5(body).hexdigest()
            content.append(row)
        return request.reply_json({"content": content, "file_count": len(content)})
    item = objects(server).get(path.removeprefix("archive/allData/"))
    if item is None:
        return request.reply(404)
    if server.state.settings.get("redirect"):
        port = server.server_address[1]
        return request.reply(302, "", {"Location": f"http://localhost:{port}/-/elsewhere/{path}"})
    return request.reply_file(item["body"], f'"{item["etag"]}"')


def elsewhere(server, request):
    """A signed address of object storage: it refuses a second kind of credentials."""
    if "Authorization" in request.headers or "Cookie" in request.headers:
        return request.reply(400, "two mechanisms")
    item = objects(server)[request.rest.removeprefix("archive/allData/")]
    return request.reply_file(item["body"], f'"{item["etag"]}"')


def login(server, request):
    if request.headers.get("Authorization") != "Basic " + LOGIN:
        return request.reply_json({"error": "login"}, 401)
    return request.reply(200, json.dumps({"access_token": TOKEN, "expiration_date": "2/2/2027"}),
                         {"Content-Type": "application/json"})


SERVICES = {"laads": laads, "elsewhere": elsewhere, "edl": login}
