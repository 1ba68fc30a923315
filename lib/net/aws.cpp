// SPDX-License-Identifier: Apache-2.0
#include "net/aws.hpp"

#include "core/error.hpp"
#include "net/endpoints.hpp"

namespace hls::net {

AwsClient::AwsClient(HttpClient& client, std::string region, CredentialOptions credentials)
    : client_(client),
      region_(region.empty() ? default_region(credentials.profile) : std::move(region)),
      chain_(client, std::move(credentials)) {}

AwsClient::~AwsClient() = default;

std::string AwsClient::call(const AwsCall& call) {
    Request request;
    request.method = "POST";
    request.url = below(
        call.server.empty() ? endpoint(call.service, region_) : parse_url(call.server), call.path);
    request.body = call.body;
    request.idempotent = call.idempotent;
    if (call.target.empty()) {
        request.headers = {{"Content-Type", "application/json"}};
    } else {
        request.headers = {{"Content-Type", "application/x-amz-json-1.0"},
                           {"X-Amz-Target", call.target}};
    }
    SigV4Authorizer authorizer(chain_, {region_, call.service});
    const Response response = client_.send(request, &authorizer);
    if (response.ok()) return response.body;

    const std::string what = call.service + ' ' + (call.target.empty() ? call.path : call.target);
    Error error = refusal(response, what);
    const std::string code = error_code(response);
    if (code.find("AccessDenied") != std::string::npos ||
        code.find("UnrecognizedClient") != std::string::npos ||
        code.find("InvalidSignature") != std::string::npos ||
        code.find("IncompleteSignature") != std::string::npos) {
        error.code = Exit::permission;
    } else if (error.code == Exit::bad_input) {
        error.code = Exit::usage;
    }
    throw error;
}

std::string aws_request(const AwsCall& call, const std::string& region) {
    HttpClient client;
    return AwsClient(client, region).call(call);
}

}  // namespace hls::net
