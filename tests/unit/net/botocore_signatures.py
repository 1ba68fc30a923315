# SPDX-License-Identifier: Apache-2.0
# Random requests with the signature that botocore gives them, one JSON object a line.
import datetime
import json
import random
import sys
from urllib.parse import quote, urlencode

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

count, seed = int(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
ALPHABET = "abzAZ019-_.~ +=@:,;&?#%!*'()$[]/éü漢"
DATE = datetime.datetime(2026, 11, 20, 6, 7, 8)


class FixedTime(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return DATE


botocore.auth.datetime.datetime = FixedTime


def text(longest):
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randint(1, longest)))


def request(number):
    service = rng.choice(["s3", "s3", "s3", "batch", "sqs"])
    method = rng.choice(["GET", "PUT", "HEAD", "DELETE", "POST"])
    body = rng.randbytes(rng.randint(0, 300)) if method in ("PUT", "POST") else b""
    query = ""
    if service == "s3":
        path = "/bucket/" + quote(text(40).replace("?", "q"), safe="/-_.~")
        names = sorted({text(8) for _ in range(rng.randint(0, 4))})
        query = "&".join(f"{quote(n, safe='-_.~')}={quote(text(10), safe='-_.~')}" for n in names)
    else:
        path = rng.choice(["/", "/v1/submitjob", "/v1/listjobs"])
    headers = {}
    if body:
        headers["Content-Type"] = rng.choice(["application/json", "image/tiff"])
    if service == "s3":
        for _ in range(rng.randint(0, 3)):
            headers["x-amz-meta-" + rng.choice("abcdef")] = rng.choice(
                ["plain", "two  blanks", " padded ", "a,b"])
        if rng.random() < 0.3:
            headers["x-amz-request-payer"] = "requester"
    elif rng.random() < 0.5:
        headers["X-Amz-Target"] = "AmazonSQS.ReceiveMessage"
    if rng.random() < 0.4:
        headers["Range"] = "bytes=5-9"
    host = rng.choice(["bucket.s3.us-west-2.amazonaws.com", "127.0.0.1:8080", "eodata.example.org"])
    url = f"https://{host}{path}" + (f"?{query}" if query else "")
    token = "session/token+=" if rng.random() < 0.5 else None
    credentials = Credentials("AKID" + str(number), "secret/" + text(20), token)
    region = rng.choice(["us-west-2", "eu-central-1", "default"])
    signer = (botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth)(
        credentials, service, region)
    aws = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
    aws.context["payload_signing_enabled"] = True
    signer.add_auth(aws)
    return {
        "method": method, "url": url, "headers": headers, "body": body.hex(),
        "access": credentials.access_key, "secret": credentials.secret_key, "token": token or "",
        "region": region, "service": service, "time": DATE.isoformat() + "Z",
        "authorization": aws.headers["Authorization"],
    }


for number in range(count):
    print(json.dumps(request(number)))
