# SPDX-License-Identifier: Apache-2.0
"""STAC catalogues with their paging, and a queue that delivers again what was not deleted."""
import datetime
import hashlib
import json
import time
import uuid

import stub_s3

CATALOGUE_LIMIT = 10000


def instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def passes(item, query):
    for name, rules in query.items():
        value = item["properties"].get(name)
        for rule, wanted in rules.items():
            good = {"eq": lambda: value == wanted, "in": lambda: value in wanted,
                    "lte": lambda: value is not None and value <= wanted,
                    "gte": lambda: value is not None and instant(value) >= instant(wanted),
                    "lt": lambda: value is not None and instant(value) < instant(wanted)}[rule]()
            if not good:
                return False
    return True


def made_items(count):
    """`count` Landsat scenes of 2024-03-07, the same every time."""
    items = []
    for i in range(count):
        path, row, second = 1 + i % 233, 1 + i // 233 % 120, i * 86400 // count
        at = datetime.datetime(2024, 3, 7) + datetime.timedelta(seconds=second)
        name = f"LC0{8 + i // 27960 % 2}_L1TP_{path:03}{row:03}_20240307_202403{8 + i % 20:02}_02_T1"
        items.append({"type": "Feature", "id": name, "bbox": [0, 0, 1, 1], "properties": {
            "datetime": at.isoformat(timespec="microseconds") + "Z", "landsat:wrs_path": f"{path:03}",
            "landsat:wrs_row": f"{row:03}", "landsat:correction": "L1TP", "eo:cloud_cover": i % 100,
            "landsat:collection_category": "T1", "platform": "LANDSAT_8",
            "view:sun_elevation": 10 + i % 50, "created": "2024-03-08T00:00:00Z"}, "assets": {}})
    return items


def boxes_meet(a, b):
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def stac(server, request):
    """POST .../search over the setting "items", or over "made" made ones. Pages by next links that
    are POST with the body merged, or GET with "next_by_get"; nothing past 10,000."""
    settings = server.state.settings
    if "items" not in settings:
        settings["items"] = made_items(settings.get("made", 0))
    if request.command == "GET" and "q" not in request.query:
        return request.reply_json({"type": "Catalog"})
    if request.command == "POST":
        body = json.loads(request.body)
    else:
        body = json.loads(bytes.fromhex(request.query["q"]))
    if body["limit"] > settings.get("most", 250):
        return request.reply(413)
    found = settings["items"]
    if "datetime" in body:
        low, high = (instant(t) for t in body["datetime"].split("/"))
        found = [i for i in found if low <= instant(i["properties"]["datetime"]) <= high]
    if "bbox" in body and not settings.get("ignores_filters"):
        found = [i for i in found if boxes_meet(i["bbox"], body["bbox"])]
    if "query" in body and not settings.get("ignores_filters"):
        found = [i for i in found if passes(i, body["query"])]
    start = int(body.get("token", "next:0").split(":")[1])
    page = found[start:start + body["limit"]]
    answer = {"type": "FeatureCollection", "features": page, "links": []}
    if settings.get("says_matched", True):
        answer["numberMatched"] = len(found)
    end = start + len(page)
    if end < min(len(found), CATALOGUE_LIMIT):
        here = server.url + request.raw_path
        link = {"rel": "next", "method": "POST", "href": here, "merge": True,
                "body": {"token": f"next:{end}"}}
        if settings.get("next_by_get"):
            following = json.dumps(dict(body, token=f"next:{end}")).encode().hex()
            link = {"rel": "next", "href": f"{here}?q={following}"}
        if "foreign_next" in settings:
            link["href"] = settings["foreign_next"]
        answer["links"].append(link)
    return request.reply_json(answer)


def queue(server, request):
    """SQS by its JSON protocol. The setting "bodies" fills it once; a message that was received stays
    hidden for its visibility and comes again unless it is deleted."""
    refused = stub_s3.check_signature(request, "sqs")
    if refused:
        return request.reply_json({"__type": "com.amazonaws.sqs#" + refused[1]}, refused[0])
    data = server.state.data.setdefault("queue", {"messages": [], "received": 0})
    settings = server.state.settings
    with server.state.lock:
        for body in settings.pop("bodies", []):
            data["messages"].append({"id": str(uuid.uuid4()), "body": body, "until": 0, "handle": ""})
    action = request.headers["X-Amz-Target"].split(".")[1]
    body = json.loads(request.body)
    if not body["QueueUrl"].endswith("/123456789012/granules"):
        return request.reply_json({"__type": "com.amazonaws.sqs#QueueDoesNotExist",
                                   "message": "The specified queue does not exist."}, 400)
    if action == "DeleteMessageBatch":
        done, failed = [], []
        with server.state.lock:
            for entry in body["Entries"]:
                keep = [m for m in data["messages"] if m["handle"] != entry["ReceiptHandle"]]
                (done if len(keep) < len(data["messages"]) else failed).append(
                    {"Id": entry["Id"], "Code": "ReceiptHandleIsInvalid"})
                data["messages"] = keep
        return request.reply_json({"Successful": done, "Failed": failed})
    end = time.time() + min(body.get("WaitTimeSeconds", 0), 20)
    while True:
        with server.state.lock:
            ready = [m for m in data["messages"] if m["until"] <= time.time()]
            ready = ready[:body["MaxNumberOfMessages"]]
            for message in ready:
                data["received"] += 1
                message["handle"] = f"handle-{data['received']}"
                message["until"] = time.time() + body.get("VisibilityTimeout",
                                                          settings.get("visibility", 30))
            answer = [{"MessageId": m["id"], "ReceiptHandle": m["handle"], "Body": m["body"],
                       "MD5OfBody": hashlib.md5(m["body"].encode()).hexdigest()} for m in ready]
        if answer or time.time() >= end:
            return request.reply_json({"Messages": answer} if answer else {})
        time.sleep(0.05)


def queue_counts(server, request):
    data = server.state.data.get("queue", {"messages": [], "received": 0})
    request.reply_json({"left": len(data["messages"]), "received": data["received"]})


def identity_of_caller(server, request):
    """STS GetCallerIdentity."""
    refused = stub_s3.check_signature(request, "sts")
    if refused:
        return stub_s3.error(request, *refused)
    return request.reply(200, "<GetCallerIdentityResponse/>")


SERVICES = {
    "earth-search": stac,
    "landsatlook": stac,
    "queue-counts": queue_counts,
    "sqs": queue,
    "sts": identity_of_caller,
}
