# SPDX-License-Identifier: Apache-2.0
"""What the agencies' servers do, as far as the tools look at it."""
import datetime
import hashlib
import json
import re
import time
from urllib.parse import parse_qsl, urlencode

import stub
import stub_s3


def file_service(server, request):
    """/-/files/NAME?size=N: bytes that depend on the name; ETag changes with ?v= or set version."""
    size = int(request.query.get("size", 1000))
    name = request.rest
    version = server.state.settings.get("version", 1)
    body = stub.content(f"{name}#{version}", size)
    etag = '"' + hashlib.md5(body).hexdigest() + '"'
    if server.state.settings.get("weak"):
        etag = "W/" + etag
    request.reply_file(body, etag, {"Content-Type": "application/octet-stream"})


def identity(server, request):
    """Token endpoint of the Copernicus Data Space: counts sessions, forgets refresh tokens."""
    data = server.state.data.setdefault("identity", {"sessions": 0, "refreshes": 0, "n": 0})
    form = dict(parse_qsl(request.body.decode()))
    settings = server.state.settings
    with server.state.lock:
        if form.get("grant_type") == "password":
            if form.get("password") != "password-MARKER-cdse":
                return request.reply_json({"error": "invalid_grant"}, 401)
            data["sessions"] += 1
            if data["sessions"] > settings.get("max_sessions", 100):
                return request.reply_json({"error": "too many sessions"}, 401)
        elif form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") != f"refresh-MARKER-{data['n']}":
                return request.reply_json({"error": "invalid_grant"}, 400)
            data["refreshes"] += 1
        elif form.get("grant_type") != "client_credentials":
            return request.reply_json({"error": "unsupported_grant_type"}, 400)
        # A number of seconds, or those of the first token, the second and all others.
        lifetime = settings.get("expires_in", 600)
        if isinstance(lifetime, list):
            lifetime = lifetime[min(data["n"], len(lifetime) - 1)]
        data["n"] += 1
        data["valid_until"] = time.time() + lifetime
        return request.reply_json({
            "access_token": f"access-MARKER-{data['n']}",
            "expires_in": lifetime,
            "refresh_token": f"refresh-MARKER-{data['n']}",
            "refresh_expires_in": 3600, "token_type": "Bearer"})


def identity_counts(server, request):
    request.reply_json(server.state.data.get("identity", {}))


def cdse_authorized(server, request):
    data = server.state.data.get("identity", {})
    good = f"Bearer access-MARKER-{data.get('n')}"
    return (request.headers.get("Authorization") == good
            and time.time() < data.get("valid_until", 0))


def batch(server, request):
    """SubmitJob, ListJobs and DescribeJobs of AWS Batch from a table in memory."""
    refused = stub_s3.check_signature(request, "batch")
    if refused:
        return request.reply_json({"message": "refused"}, 403,
                                  {"x-amzn-ErrorType": refused[1] + "Exception"})
    jobs = server.state.data.setdefault("jobs", [])
    body = json.loads(request.body)
    if request.rest.endswith("submitjob"):
        job = {"jobId": f"job-{len(jobs) + 1:04}", "jobName": body["jobName"],
               "jobArn": "arn:aws:batch:us-west-2:1:job/x", "status": "SUBMITTED", "body": body}
        jobs.append(job)
        if (request.fault or {}).get("kind") == "accept_and_drop":
            request.close_connection = True
            return request.connection.close()
        return request.reply_json({k: job[k] for k in ("jobId", "jobName", "jobArn")})
    if request.rest.endswith("listjobs"):
        names = [v.rstrip("*") for f in body.get("filters", []) for v in f["values"]]
        found = [j for j in jobs if not names or any(j["jobName"].startswith(n) for n in names)]
        return request.reply_json({"jobSummaryList": [
            {k: j[k] for k in ("jobId", "jobName", "status")} for j in found]})
    if request.rest.endswith("describejobs"):
        return request.reply_json({"jobs": [j for j in jobs if j["jobId"] in body["jobs"]]})
    for job in jobs:
        if job["jobId"] == body.get("jobId"):
            job["status"] = "FAILED"
    return request.reply_json({})


def catalogue(server, request):
    """Products of the setting "products" by Name, Id or what a name begins with and holds, as OData
    answers; below Subscriptions(ID): the setting "notifications", read and acknowledged."""
    if "Subscriptions(" in request.rest:
        return subscription(server, request)
    text = request.query.get("$filter", "")
    terms = re.findall(r"(startswith|contains)\(Name,'([^']*)'\)", text)
    terms += re.findall(r"(?<!/)\b(Name|Id) eq '([^']*)'", text)
    match = {"Name": lambda p, t: p["Name"] == t, "Id": lambda p, t: p["Id"] == t,
             "startswith": lambda p, t: p["Name"].startswith(t),
             "contains": lambda p, t: t in p["Name"]}
    found = [p for p in server.state.settings.get("products", [])
             if terms and all(match[k](p, t) for k, t in terms)]
    return request.reply_json({"@odata.context": "$metadata#Products", "value": found})


def subscription(server, request):
    """What was not acknowledged is read again; one acknowledgement takes all before it."""
    if not cdse_authorized(server, request):
        return request.reply_json({"detail": "token"}, 401)
    waiting = server.state.settings.get("notifications", [])
    if "Subscriptions(880c4e1a-" not in request.rest:
        return request.reply_json({"detail": {"message": "cancelled", "request_id": "1"}}, 404)
    if request.rest.endswith("/Read"):
        return request.reply_json(waiting[:int(request.query["$top"])])
    for i, notification in enumerate(waiting):
        if notification["AckId"] == request.query["$ackid"]:
            server.state.settings["notifications"] = waiting[i + 1:]
            return request.reply_json({})
    return request.reply_json({"detail": "unknown ack"}, 404)


def many_products(server, request):
    """25,000 products published through one hour, with the catalogue's limits: pages of $top, no
    next link where the next skip would pass 10,000."""
    total = server.state.settings.get("total", 25000)
    start = 1_790_000_000_000
    clock = lambda text: int(datetime.datetime.fromisoformat(  # noqa: E731
        text.replace("Z", "+00:00")).timestamp() * 1000)
    bounds = re.search(r"PublicationDate ge (\S+) and PublicationDate lt (\S+)",
                       request.query["$filter"])
    low, high = clock(bounds[1]), clock(bounds[2])
    found = [i for i in range(total) if low <= start + i * 3_600_000 // total < high]
    skip, top = int(request.query.get("$skip", 0)), int(request.query.get("$top", 20))
    page = []
    for i in found[skip:skip + top]:
        at = datetime.datetime.fromtimestamp(start / 1000, datetime.timezone.utc)
        page.append({"Id": f"uuid-{i}", "ContentLength": 1, "Checksum": [{}], "EvictionDate": "",
                     "Name": f"S2A_MSIL1C_20240912T112541_N0511_R137_T28PHQ_{at:%Y%m%dT}"
                             f"{i // 3600 % 24:02}{i // 60 % 60:02}{i % 60:02}.SAFE"})
    answer = {"value": page}
    following = skip + top
    if following < len(found) and following <= 10000:
        query = dict(request.query, **{"$skip": str(following)})
        answer["@odata.nextLink"] = server.url + request.raw_path + "?" + urlencode(query)
    request.reply_json(answer)


def download(server, request):
    """odata/v1/Products(UUID)/$value: the object zips/UUID of the S3 part, for a valid token."""
    if not cdse_authorized(server, request):
        return request.reply_json({"detail": "token"}, 401)
    match = re.search(r"Products\(([^)]*)\)", request.rest)
    item = server.state.data.get("s3", {}).get("zips", {}).get(match[1]) if match else None
    if item is None:
        return request.reply(404)
    return request.reply_file(item["body"], f'"{item["etag"]}"')


SERVICES = {
    "batch": batch,
    "catalogue": catalogue,
    "download": download,
    "many": many_products,
    "files": file_service,
    "identity": identity,
    "identity-counts": identity_counts,
}
