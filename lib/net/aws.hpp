// SPDX-License-Identifier: Apache-2.0
// Signed calls to AWS services that speak JSON: Batch (REST), SQS (AWS JSON 1.0).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/credentials.hpp"
#include "net/http_client.hpp"

namespace hls::net {

struct AwsCall {
    std::string service;  // "batch", "sqs": also the name in the endpoint table
    // Address of the service when it is neither AWS's nor in the table: a queue has its own.
    std::string server;
    std::string path = "/";
    std::string target;  // X-Amz-Target: "AmazonSQS.ReceiveMessage"; empty for REST services
    std::string body;    // JSON
    // False for SubmitJob: a lost answer is Error{temporary} and is not sent again.
    bool idempotent = true;
};

class AwsClient {
 public:
    AwsClient(HttpClient& client, std::string region = {}, CredentialOptions credentials = {});
    ~AwsClient();

    // The JSON answer. Throttling and 5xx are retried; otherwise Error{permission} for
    // AccessDenied and 403, Error{usage} for what the service calls our fault (ClientException,
    // validation), with the service's own message.
    std::string call(const AwsCall& call);

    const std::string& region() const { return region_; }

 private:
    HttpClient& client_;
    std::string region_;
    CredentialChain chain_;
};

// One call with a client of its own.
std::string aws_request(const AwsCall& call, const std::string& region = {});

}  // namespace hls::net
