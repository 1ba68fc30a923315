# SPDX-License-Identifier: Apache-2.0
"""S3 as strict as AWS: signatures, clocks, payload hashes, conditions, requester pays, regions."""
import base64
import datetime
import hashlib
import hmac
import re
import time
import xml.sax.saxutils as sax
from urllib.parse import parse_qsl, quote, unquote

KEYS = {"AKIDTEST": "secret-MARKER-aws", "CDSEKEY": "secret-MARKER-eodata"}
TOKENS = {"AKIDSESSION": ("secret-MARKER-session", "token-MARKER-session")}
REGION = "us-west-2"
PAYS = {"usgs-landsat", "sentinel-s2-l1c", "payer-bucket"}
REGION_OF = {"eu-bucket": "eu-central-1", "sentinel-s2-l1c": "eu-central-1", "eodata": "default"}


def encode(text, safe=""):
    return quote(text, safe=safe + "-_.~")


def signature(secret, day, region, service, to_sign):
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


def check_signature(request, service="s3", regions=None):
    """None, or (status, code)."""
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
        r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})", request.headers.get("Authorization", ""))
    if not match:
        return 403, "AccessDenied"
    access, day, region, signed_service, names, given = match.groups()
    token = request.headers.get("x-amz-security-token")
    if access in TOKENS:
        secret, expected = TOKENS[access]
        if token != expected:
            return 400, "InvalidToken"
        if "x-amz-security-token" not in names.split(";"):
            return 403, "AccessDenied"
    elif access in KEYS:
        secret = KEYS[access]
    else:
        return 403, "InvalidAccessKeyId"
    stamp = request.headers.get("x-amz-date", "")
    try:
        then = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(
            tzinfo=datetime.timezone.utc).timestamp()
    except ValueError:
        return 403, "AccessDenied"
    offset = request.server.state.settings.get("clock_offset", 0)
    if abs(then - time.time() - offset) > 900:
        return 403, "RequestTimeTooSkewed"
    if signed_service != service:
        return 403, "SignatureDoesNotMatch"
    declared = request.headers.get("x-amz-content-sha256")
    actual = hashlib.sha256(request.body).hexdigest()
    if service == "s3":
        if declared is None:
            return 400, "MissingSecurityHeader"
        if declared != actual:
            return 400, "XAmzContentSHA256Mismatch"
    path = encode(unquote(request.raw_path), "/")
    if service != "s3":
        path = encode(path, "/")
    pairs = sorted((encode(n), encode(v)) for n, v in
                   parse_qsl(request.raw_query.replace("+", "%2B"), keep_blank_values=True))
    lines = "".join(f"{n}:{' '.join(request.headers.get(n, '').split())}\n"
                    for n in names.split(";"))
    canonical = "\n".join([request.command, path, "&".join(f"{n}={v}" for n, v in pairs), lines,
                           names, declared if service == "s3" else actual])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, f"{day}/{region}/{service}/aws4_request",
                         hashlib.sha256(canonical.encode()).hexdigest()])
    if not hmac.compare_digest(signature(secret, day, region, service, to_sign), given):
        return 403, "SignatureDoesNotMatch"
    if "host" not in names.split(";") or any(
            h.lower().startswith("x-amz-") and h.lower() not in names.split(";")
            for h in request.headers):
        return 403, "AccessDenied"
    if regions is not None and region not in regions:
        return 400, "AuthorizationHeaderMalformed"
    return None


def error(request, status, code, headers=None):
    body = f'<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code} said</Message></Error>'
    if request.command == "HEAD":
        body = ""
    request.reply(status, body, {"Content-Type": "application/xml", **(headers or {})})


def listing(request, bucket, objects):
    prefix = request.query.get("prefix", "")
    delimiter = request.query.get("delimiter", "")
    limit = min(int(request.query.get("max-keys", 1000)), 1000)
    after = unquote(request.query.get("continuation-token", ""))
    rows, groups, last, truncated = [], [], "", False
    for key in sorted(objects):
        if not key.startswith(prefix) or (after and key <= after):
            continue
        group = ""
        if delimiter and delimiter in key[len(prefix):]:
            group = prefix + key[len(prefix):].split(delimiter)[0] + delimiter
            if group in groups or (after and after.startswith(group)):
                last = key
                continue
        if len(rows) + len(groups) == limit:
            truncated = True
            break
        last = key
        if group:
            groups.append(group)
        else:
            rows.append(key)
    body = "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    body += f"<EncodingType>url</EncodingType><IsTruncated>{str(truncated).lower()}</IsTruncated>"
    if truncated:
        body += f"<NextContinuationToken>{quote(last)}</NextContinuationToken>"
    for key in rows:
        item = objects[key]
        if request.server.state.settings.get("kms"):
            item = dict(item, etag=hashlib.md5(b"kms" + item["body"]).hexdigest())
        body += (f"<Contents><Key>{quote(key, safe='/')}</Key><Size>{len(item['body'])}</Size>"
                 f"<ETag>&quot;{item['etag']}&quot;</ETag>"
                 f"<LastModified>2026-11-20T00:00:00.000Z</LastModified></Contents>")
    for group in groups:
        body += f"<CommonPrefixes><Prefix>{quote(group, safe='/')}</Prefix></CommonPrefixes>"
    request.reply(200, body + "</ListBucketResult>", {"Content-Type": "application/xml"})


def store(server, bucket, key, body, headers=None, etag=None):
    meta = {k.lower(): v for k, v in (headers or {}).items() if k.lower().startswith("x-amz-meta-")}
    item = {"body": body, "etag": etag or hashlib.md5(body).hexdigest(), "meta": meta,
            "type": (headers or {}).get("Content-Type", "binary/octet-stream")}
    server.state.data.setdefault("s3", {}).setdefault(bucket, {})[key] = item
    return item


def condition_fails(request, current):
    """Setting "conditions" is "ignored" or "refused" by servers that do not know them."""
    known = request.server.state.settings.get("conditions")
    if known == "ignored":
        return None
    if known == "refused" and ("If-None-Match" in request.headers or "If-Match" in request.headers):
        return 501, "NotImplemented"
    if request.headers.get("If-None-Match") == "*" and current:
        return 412, "PreconditionFailed"
    if "If-Match" in request.headers:
        if not current:
            return 404, "NoSuchKey"
        if request.headers["If-Match"].strip('"') != current["etag"]:
            return 412, "PreconditionFailed"
    return None


def multipart(server, request, bucket, key, objects):
    uploads = server.state.data.setdefault("uploads", {})
    if request.command == "POST" and "uploads" in request.query:
        upload = f"upload{len(uploads) + 1}"
        uploads[upload] = {"parts": {}, "headers": dict(request.headers.items())}
        return request.reply(200, f"<InitiateMultipartUploadResult><UploadId>{upload}</UploadId>"
                                  "</InitiateMultipartUploadResult>")
    upload = uploads.get(request.query["uploadId"])
    if upload is None:
        return error(request, 404, "NoSuchUpload")
    if request.command == "PUT":
        upload["parts"][int(request.query["partNumber"])] = request.body
        return request.reply(200, "", {"ETag": f'"{hashlib.md5(request.body).hexdigest()}"'})
    if request.command == "DELETE":
        del uploads[request.query["uploadId"]]
        return request.reply(204)
    if (server.state.fault_of("COMPLETE", request.path) or {}).get("kind") == "200error":
        return request.reply(200, "<Error><Code>InternalError</Code><Message>x</Message></Error>")
    failed = condition_fails(request, objects.get(key))
    if failed:
        return error(request, *failed)
    listed = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>&?q?u?o?t?;?\"?([0-9a-f]+)",
                        request.body.decode())
    parts = [upload["parts"][int(n)] for n, _ in listed]
    if any(hashlib.md5(p).hexdigest() != e for p, (_, e) in zip(parts, listed)) or any(
            len(p) < 5 << 20 for p in parts[:-1]):
        return error(request, 400, "InvalidPart")
    digest = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in parts)).hexdigest()
    item = store(server, bucket, key, b"".join(parts), upload["headers"], f"{digest}-{len(parts)}")
    del uploads[request.query["uploadId"]]
    if (request.fault or {}).get("kind") == "accept_and_drop":
        request.close_connection = True
        return request.connection.close()
    return request.reply(200, f"<CompleteMultipartUploadResult><ETag>&quot;{item['etag']}&quot;"
                              "</ETag></CompleteMultipartUploadResult>")


def s3(server, request):
    _, bucket, key = (request.raw_path + "/").split("/", 2)
    key = unquote(key[:-1]) if key.endswith("/") else unquote(key)
    if bucket == "public":
        refused = None
    else:
        refused = check_signature(request, "s3", {REGION_OF.get(bucket, REGION)})
    if refused:
        headers = {}
        if refused[1] == "AuthorizationHeaderMalformed":
            headers["x-amz-bucket-region"] = REGION_OF.get(bucket, REGION)
        return error(request, *refused, headers=headers)
    if bucket in PAYS and request.headers.get("x-amz-request-payer") != "requester":
        return error(request, 403, "AccessDenied")
    md5 = request.headers.get("Content-MD5")
    if md5 and base64.b64decode(md5) != hashlib.md5(request.body).digest():
        return error(request, 400, "BadDigest")
    with server.state.lock:
        objects = server.state.data.setdefault("s3", {}).setdefault(bucket, {})
        if "uploads" in request.query or "uploadId" in request.query:
            return multipart(server, request, bucket, key, objects)
        if request.command == "PUT":
            failed = condition_fails(request, objects.get(key))
            if failed:
                return error(request, *failed)
            item = store(server, bucket, key, request.body, dict(request.headers.items()))
            if (request.fault or {}).get("kind") == "accept_and_drop":
                request.close_connection = True
                return request.connection.close()
            return request.reply(200, "", {"ETag": f'"{item["etag"]}"'})
        if request.command == "DELETE":
            objects.pop(key, None)
            return request.reply(204)
        if not key:
            return listing(request, bucket, dict(objects))
        item = objects.get(key)
    if item is None:
        return error(request, 404, "NoSuchKey")
    headers = {"Content-Type": item["type"], **item["meta"]}
    if server.state.settings.get("kms"):  # the ETag is no MD5 then
        headers["x-amz-server-side-encryption"] = "aws:kms"
        item = dict(item, etag=hashlib.md5(b"kms" + item["body"]).hexdigest())
    if request.command == "HEAD":
        return request.reply(200, b"", {"Content-Length": str(len(item["body"])),
                                        "ETag": f'"{item["etag"]}"', **headers})
    return request.reply_file(item["body"], f'"{item["etag"]}"', headers)
