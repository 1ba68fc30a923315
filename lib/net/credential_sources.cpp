// SPDX-License-Identifier: Apache-2.0
#include "net/credential_sources.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "core/error.hpp"
#include "core/parse.hpp"
#include "core/ulid.hpp"
#include "net/endpoints.hpp"
#include "net/s3_xml.hpp"

namespace hls::net {
namespace {

constexpr int kDeepestSourceProfile = 4;

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string value_of(const IniFile& file, const std::string& section, const std::string& key) {
    const auto at = file.find(section);
    if (at == file.end()) return {};
    const auto value = at->second.find(key);
    return value == at->second.end() ? std::string{} : value->second;
}

std::filesystem::path aws_file(const char* variable, const char* name) {
    if (auto path = environment(variable); !path.empty()) return path;
    return std::filesystem::path(environment("HOME")) / ".aws" / name;
}

std::string profile_name(const std::string& given) {
    if (!given.empty()) return given;
    const auto name = environment("AWS_PROFILE");
    return name.empty() ? "default" : name;
}

// Both files as one: profile -> key -> value, credentials before config.
struct Profiles {
    IniFile credentials =
        parse_ini(text_of(aws_file("AWS_SHARED_CREDENTIALS_FILE", "credentials")));
    IniFile config = parse_ini(text_of(aws_file("AWS_CONFIG_FILE", "config")));

    std::string get(const std::string& profile, const std::string& key) const {
        if (auto value = value_of(credentials, profile, key); !value.empty()) return value;
        return value_of(config, profile == "default" ? profile : "profile " + profile, key);
    }
};

// The command's standard output; it is the user's own, from a file only the user can write.
std::string output_of(const std::string& command) {
    std::FILE* pipe = ::popen(command.c_str(), "re");
    if (pipe == nullptr) throw Error{Exit::resource, "credential_process cannot be started"};
    std::string text;
    char buffer[4096];
    for (std::size_t got; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
        if (text.size() < 65536) text.append(buffer, got);
    if (::pclose(pipe) != 0)
        throw Error{Exit::permission, "credential_process of the AWS profile failed"};
    return text;
}

std::optional<Credentials> keys_of_profile(const CredentialRequest& request,
                                           const Profiles& profiles, const std::string& name,
                                           int depth) {
    const std::string source = "profile " + name;
    if (depth > kDeepestSourceProfile)
        throw Error{Exit::permission, "AWS profiles refer to each other in circles"};
    const std::string role = profiles.get(name, "role_arn");
    const std::string base = profiles.get(name, "source_profile");
    if (!role.empty() && !base.empty()) {
        const auto keys =
            base == name ? std::nullopt : keys_of_profile(request, profiles, base, depth + 1);
        if (keys) return assume_role(request.client, *keys, role, request.region);
    }
    const std::string key = profiles.get(name, "aws_access_key_id");
    const std::string secret = profiles.get(name, "aws_secret_access_key");
    if (!key.empty() && !secret.empty())
        return Credentials{key, secret, profiles.get(name, "aws_session_token"), {}, source};
    if (const auto command = profiles.get(name, "credential_process"); !command.empty())
        return parse_credential_json(output_of(command), source);
    if (!profiles.get(name, "sso_start_url").empty() || !profiles.get(name, "sso_session").empty())
        throw Error{Exit::permission,
                    fmt::format("{} signs in by SSO, which is not supported", source),
                    "export keys: aws configure export-credentials --format env"};
    return std::nullopt;
}

// These services answer at once or are not there: no patience, no retries of their own.
HttpClient& local_client() {
    static HttpClient client = [] {
        TransportOptions transport;
        transport.connect_timeout = Seconds{1};
        transport.stall_timeout = Seconds{5};
        transport.machine_services = true;
        RetryPolicy policy;
        policy.attempts = 3;
        policy.base = Seconds{0.2};
        return HttpClient(transport, policy);
    }();
    return client;
}

Credentials parse_sts_answer(const Response& response, const std::string& source) {
    if (!response.ok()) {
        Error error = refusal(response, source);
        if (response.status == 400) error.code = Exit::permission;
        throw error;
    }
    Credentials result;
    result.access_key = xml_value(response.body, "AccessKeyId");
    result.secret_key = xml_value(response.body, "SecretAccessKey");
    result.session_token = xml_value(response.body, "SessionToken");
    result.expires = parse_utc(xml_value(response.body, "Expiration"));
    result.source = source;
    if (result.access_key.empty() || result.secret_key.empty())
        throw Error{Exit::bad_input, source + ": the answer holds no keys"};
    return result;
}

Request sts_request(const Query& form, const std::string& region) {
    Request request;
    request.method = "POST";
    request.url = endpoint("sts", region);
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = encode_query(form);
    request.max_reply_bytes = 65536;
    return request;
}

std::string session_name() {
    const auto run = environment("HLS_RUN_ID");
    return "hls-" + (run.empty() ? new_ulid() : run);
}

// Signs with keys that are at hand.
class FixedAuthorizer : public Authorizer {
 public:
    FixedAuthorizer(const Credentials& credentials, SigningScope scope)
        : credentials_(credentials), scope_(std::move(scope)) {}
    void authorize(Request& request) override { sign(request, credentials_, scope_, utc_now()); }
    bool renew(const Response&) override { return false; }
    bool follows_redirects() const override { return false; }

 private:
    const Credentials& credentials_;
    SigningScope scope_;
};

bool may_ask_container(const Url& url) {
    return url.scheme == "https" || is_loopback(url.host) || is_machine_service(url) ||
           is_trusted_origin(url);
}

}  // namespace

IniFile parse_ini(std::string_view text) {
    IniFile result;
    std::string section;
    for (auto line : split(text, '\n')) {
        line = trim(line);
        if (line.empty() || line.front() == '#' || line.front() == ';') continue;
        if (line.front() == '[' && line.back() == ']') {
            section = trim(line.substr(1, line.size() - 2));
            continue;
        }
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) continue;
        result[section][std::string(trim(line.substr(0, equals)))] = trim(line.substr(equals + 1));
    }
    return result;
}

std::string region_of_profile(const std::string& profile) {
    return Profiles{}.get(profile_name(profile), "region");
}

Credentials parse_credential_json(const std::string& text, const std::string& source) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    const auto get = [&](const char* name) -> std::string {
        if (!json.is_object()) return {};
        const auto it = json.find(name);
        return it != json.end() && it->is_string() ? it->get<std::string>() : std::string{};
    };
    Credentials result{get("AccessKeyId"), get("SecretAccessKey"), get("Token"), {}, source};
    if (result.session_token.empty()) result.session_token = get("SessionToken");
    if (result.access_key.empty() || result.secret_key.empty())
        throw Error{Exit::permission, source + ": the answer holds no AWS keys"};
    if (const auto expires = get("Expiration"); !expires.empty())
        result.expires = parse_utc(expires);
    return result;
}

std::optional<Credentials> credentials_of_environment(const CredentialRequest&) {
    const auto key = environment("AWS_ACCESS_KEY_ID");
    const auto secret = environment("AWS_SECRET_ACCESS_KEY");
    if (key.empty() && secret.empty()) return std::nullopt;
    if (key.empty() || secret.empty())
        throw Error{Exit::permission, "only half of the AWS keys is set",
                    "set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"};
    return Credentials{key, secret, environment("AWS_SESSION_TOKEN"), {}, "environment"};
}

std::optional<Credentials> credentials_of_web_identity(const CredentialRequest& request) {
    const auto file = environment("AWS_WEB_IDENTITY_TOKEN_FILE");
    const auto role = environment("AWS_ROLE_ARN");
    if (file.empty() || role.empty()) return std::nullopt;
    const std::string token(trim(text_of(file)));
    if (token.empty())
        throw Error{Exit::permission, file + ": no web identity token can be read from it"};
    const auto response = request.client.send(sts_request({{"Action", "AssumeRoleWithWebIdentity"},
                                                           {"Version", "2011-06-15"},
                                                           {"RoleArn", role},
                                                           {"RoleSessionName", session_name()},
                                                           {"WebIdentityToken", token}},
                                                          request.region));
    return parse_sts_answer(response, "web identity");
}

std::optional<Credentials> credentials_of_profile(const CredentialRequest& request) {
    return keys_of_profile(request, Profiles{}, profile_name(request.profile), 0);
}

std::optional<Credentials> credentials_of_container(const CredentialRequest&) {
    const auto relative = environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const auto full = environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    if (relative.empty() && full.empty()) return std::nullopt;
    Request request;
    request.url = relative.empty() ? parse_url(full) : below(endpoint("ecs"), relative);
    if (!may_ask_container(request.url))
        throw Error{Exit::permission,
                    shown(to_string(request.url)) + ": no place to ask for credentials"};
    std::string token = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (const auto file = environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty())
        token = trim(text_of(file));
    if (!token.empty()) request.headers = {{"Authorization", token}};
    request.max_reply_bytes = 65536;
    const auto response = local_client().send(request);
    if (!response.ok()) throw refusal(response, "container credentials");
    return parse_credential_json(response.body, "container");
}

std::optional<Credentials> credentials_of_instance(const CredentialRequest&) {
    if (environment("AWS_EC2_METADATA_DISABLED") == "true") return std::nullopt;
    const Url base = endpoint("imds");
    Request request;
    request.method = "PUT";
    request.url = below(base, "/latest/api/token");
    request.headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}};
    request.max_reply_bytes = 65536;
    Response token;
    try {
        token = local_client().send(request);
    } catch (const Error& error) {
        if (error.code != Exit::temporary) throw;
        return std::nullopt;  // not on EC2, or the hop limit hides it from this container
    }
    if (!token.ok()) return std::nullopt;
    request.method = "GET";
    request.headers = {{"X-aws-ec2-metadata-token", token.body}};
    request.url = below(base, "/latest/meta-data/iam/security-credentials/");
    const auto roles = local_client().send(request);
    if (!roles.ok()) return std::nullopt;
    const auto names = split_words(roles.body);
    if (names.empty()) return std::nullopt;
    request.url.path += percent_encode(names.front());
    const auto response = local_client().send(request);
    if (!response.ok()) throw refusal(response, "instance credentials");
    return parse_credential_json(response.body, "instance");
}

Credentials assume_role(HttpClient& client, const Credentials& base, const std::string& role_arn,
                        const std::string& region) {
    FixedAuthorizer authorizer(base, {region, "sts"});
    const auto response = client.send(sts_request({{"Action", "AssumeRole"},
                                                   {"Version", "2011-06-15"},
                                                   {"RoleArn", role_arn},
                                                   {"RoleSessionName", session_name()},
                                                   {"DurationSeconds", "3600"}},
                                                  region),
                                      &authorizer);
    return parse_sts_answer(response, "role " + role_arn);
}

}  // namespace hls::net
