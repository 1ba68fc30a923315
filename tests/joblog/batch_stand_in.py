# SPDX-License-Identifier: Apache-2.0
"""AWS Batch on loopback: checks signature and shape of every call, and runs the children of its jobs.

Signatures are checked with botocore's signer and bodies with botocore's model of the service, neither
of which shares a line with what is tested. Job definitions are those of scripts/batch.
"""
import concurrent.futures
import http.server
import json
import os
import re
import signal
import subprocess
import threading
import time
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.session
import botocore.validate

CALLS = {"/v1/submitjob": "SubmitJob", "/v1/listjobs": "ListJobs", "/v1/describejobs": "DescribeJobs",
         "/v1/terminatejob": "TerminateJob"}


def matches(pattern, text):
    """Patterns of evaluateOnExit: '*' at the end only; no text matches '*' alone."""
    if pattern.endswith("*"):
        return (text or "").startswith(pattern[:-1])
    return text == pattern


def evaluate_on_exit(rules, exit_code, reason="", status_reason=""):
    """RETRY or EXIT: the first rule all of whose conditions hold; without one, RETRY."""
    for rule in rules:
        told = {"onExitCode": "" if exit_code is None else str(exit_code), "onReason": reason,
                "onStatusReason": status_reason}
        if all(matches(rule[key], told[key]) for key in told if key in rule):
            return rule["action"]
    return "RETRY"


class Batch:
    def __init__(self, definitions, path, workers=2):
        self.jobs, self.definitions, self.path = {}, definitions, path
        self.lock, self.pool = threading.Lock(), concurrent.futures.ThreadPoolExecutor(workers)
        self.submissions, self.refused = [], []
        self.lose_answers = 0   # of SubmitJob, after the job was taken
        self.throttle = 0       # answers of 429
        self.spot_notices = 0   # children that get SIGTERM in their first attempt
        self.credentials = botocore.credentials.Credentials("AKIDSESSION", "secret-MARKER-session", "token-MARKER-session")
        self.model = botocore.session.get_session().get_service_model("batch")

    def check_signature(self, method, path, headers, body):
        given = headers["Authorization"]
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/batch/aws4_request, ?"
                             r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", given)
        assert match, given
        names = match[4].split(";")
        assert {"host", "x-amz-date", "x-amz-security-token"} <= set(names), names
        age = abs(time.time() - time.mktime(time.strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ")) + time.timezone)
        assert age < 900, f"signed {age} s ago"
        request = botocore.awsrequest.AWSRequest(method, f"http://{headers['Host']}{path}", data=body,
                                                 headers={name: headers[name] for name in names})
        request.context["timestamp"] = headers["X-Amz-Date"]
        signer = botocore.auth.SigV4Auth(self.credentials, "batch", match[3])
        text = signer.string_to_sign(request, signer.canonical_request(request))
        assert signer.signature(text, request) == match[5], "signature differs"
        assert headers["X-Amz-Security-Token"] == self.credentials.token

    def check_shape(self, operation, body):
        report = botocore.validate.ParamValidator().validate(body, self.model.operation_model(operation).input_shape)
        assert not report.has_errors(), report.generate_report()

    def answer(self, operation, body):
        with self.lock:
            return getattr(self, operation)(body)

    def SubmitJob(self, body):
        self.submissions.append((time.time(), body))
        job = str(uuid.uuid4())
        size = body.get("arrayProperties", {}).get("size")
        assert size is None or 2 <= size <= 10000
        children = [f"{job}:{i}" for i in range(size)] if size else [job]
        for index, child in enumerate(children):
            self.jobs[child] = {"jobId": child, "jobName": body["jobName"], "jobQueue": body["jobQueue"],
                                "status": "RUNNABLE", "attempts": [], "createdAt": int(time.time() * 1000)}
            if size:
                self.jobs[child]["arrayProperties"] = {"index": index}
            self.pool.submit(self.run, child, index if size else None, body)
        if size:
            self.jobs[job] = {"jobId": job, "jobName": body["jobName"], "jobQueue": body["jobQueue"],
                              "status": "PENDING", "arrayProperties": {"size": size}}
        return {"jobArn": f"arn:aws:batch:us-west-2:123456789012:job/{job}", "jobId": job, "jobName": body["jobName"]}

    def ListJobs(self, body):
        name = body["filters"][0]["values"][0]
        found = [j for j in self.jobs.values() if j["jobName"] == name and ":" not in j["jobId"]]
        return {"jobSummaryList": [{"jobId": j["jobId"], "jobName": j["jobName"]} for j in found]}

    def DescribeJobs(self, body):
        assert 1 <= len(body["jobs"]) <= 100
        return {"jobs": [self.jobs[j] for j in body["jobs"] if j in self.jobs]}

    def run(self, child, index, body):
        definition = self.definitions[body["jobDefinition"]]
        retry, container = definition["retryStrategy"], definition["containerProperties"]
        job = self.jobs[child]
        environment = {"PATH": self.path, "HOME": "/nonexistent"}
        for source in (container, body["containerOverrides"]):
            environment.update({e["name"]: e["value"] for e in source.get("environment", [])})
        environment.update({k: v for k, v in os.environ.items() if k.startswith(("AWS_", "HLS_")) and k != "HLS_LOG"})
        environment.update({k: os.environ[k] for k in ("SOURCE_DATE_EPOCH", "TMPDIR") if k in os.environ})
        environment["AWS_BATCH_JOB_ID"] = child
        if index is not None:
            environment["AWS_BATCH_JOB_ARRAY_INDEX"] = str(index)
        job.update(status="RUNNING", startedAt=int(time.time() * 1000))
        for attempt in range(1, retry["attempts"] + 1):
            process = subprocess.Popen(container["command"], env={**environment, "AWS_BATCH_JOB_ATTEMPT": str(attempt)},
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            if attempt == 1 and self.spot_notices > 0:
                self.spot_notices -= 1
                time.sleep(0.15)
                process.send_signal(signal.SIGTERM)
            words = process.communicate()[1].decode()
            code = process.returncode if process.returncode >= 0 else 128 - process.returncode
            job["attempts"].append({"container": {"exitCode": code}, "statusReason": "Essential container in task exited",
                                    "words": words})
            if code == 0 or evaluate_on_exit(retry["evaluateOnExit"], code) == "EXIT":
                break
        job.update(status="SUCCEEDED" if code == 0 else "FAILED", stoppedAt=int(time.time() * 1000))


def serve(batch):
    """Starts the service; returns the server (shutdown() ends it) and its address."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            data = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                operation = CALLS[self.path]
                batch.check_signature("POST", self.path, self.headers, data)
                body = json.loads(data)
                batch.check_shape(operation, body)
            except (AssertionError, KeyError) as error:
                batch.refused.append(str(error))
                return self.reply(403, {"message": str(error)}, "AccessDeniedException")
            if operation == "SubmitJob" and batch.throttle > 0:
                batch.throttle -= 1
                return self.reply(429, {"message": "Too Many Requests"}, "TooManyRequestsException")
            answer = batch.answer(operation, body)
            if operation == "SubmitJob" and batch.lose_answers > 0:
                batch.lose_answers -= 1
                self.close_connection = True
                self.connection.close()
                return None
            return self.reply(200, answer)

        def reply(self, status, body, error=None):
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            if error:
                self.send_header("x-amzn-ErrorType", error)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"
