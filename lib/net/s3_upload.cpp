// SPDX-License-Identifier: Apache-2.0
// Writing to S3: one PUT, conditions, and uploads in parts.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.hpp"
#include "core/escape.hpp"
#include "core/parallel.hpp"
#include "core/ulid.hpp"
#include "fs/digest.hpp"
#include "net/s3.hpp"
#include "net/s3_state.hpp"
#include "net/s3_xml.hpp"

namespace hls::net {
namespace {

constexpr std::int64_t kMostParts = 10'000;
constexpr int kCompletionTries = 5;

std::string unquoted(std::string_view etag) {
    if (etag.size() > 1 && etag.front() == '"') etag = etag.substr(1, etag.size() - 2);
    return std::string(etag);
}

int hex_value(char c) {
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

std::string bytes_of_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes += static_cast<char>(hex_value(hex[i]) * 16 + hex_value(hex[i + 1]));
    return bytes;
}

struct BodyDigests {
    std::string md5, sha256;
};

BodyDigests digests_of(std::string_view bytes) {
    return {fs::digest_of(fs::DigestKind::md5, bytes),
            fs::digest_of(fs::DigestKind::sha256, bytes)};
}

BodyDigests digests_of(const FilePart& part) {
    std::ifstream in(part.path, std::ios::binary);
    in.seekg(part.offset);
    fs::Digest md5(fs::DigestKind::md5);
    fs::Digest sha256(fs::DigestKind::sha256);
    std::string buffer(1 << 20, '\0');
    for (std::int64_t left = part.bytes; left > 0;) {
        const auto wanted = std::min<std::int64_t>(left, static_cast<std::int64_t>(buffer.size()));
        if (!in.read(buffer.data(), wanted))
            throw Error{Exit::io_error, part.path.string() + ": cannot be read to its end"};
        md5.update(buffer.data(), static_cast<std::size_t>(wanted));
        sha256.update(buffer.data(), static_cast<std::size_t>(wanted));
        left -= wanted;
    }
    return {md5.hex(), sha256.hex()};
}

void add_digests(Request& request, const BodyDigests& digests) {
    request.headers.emplace_back("Content-MD5", base64(bytes_of_hex(digests.md5)));
    request.body_sha256 = digests.sha256;
}

void add_options(Request& request, const PutOptions& options) {
    request.headers.emplace_back("Content-Type", options.content_type);
    for (const auto& [name, value] : options.metadata)
        request.headers.emplace_back("x-amz-meta-" + name, value);
    if (!options.sha256.empty() && find_header(options.metadata, "sha256").empty())
        request.headers.emplace_back("x-amz-meta-sha256", options.sha256);
}

void add_condition(Request& request, const PutCondition& condition) {
    if (condition.kind == PutCondition::Kind::absent)
        request.headers.emplace_back("If-None-Match", "*");
    if (condition.kind == PutCondition::Kind::unchanged)
        request.headers.emplace_back("If-Match", '"' + condition.etag + '"');
}

std::int64_t file_bytes(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    if (error) throw Error{Exit::missing_input, file.string() + ": cannot be read"};
    return static_cast<std::int64_t>(bytes);
}

}  // namespace

PutResult S3Client::put(const S3Uri& object, std::string_view content, const PutOptions& options) {
    Request put = request("PUT", object);
    put.body = content;
    add_digests(put, digests_of(content));
    return put_request(std::move(put), object, options);
}

PutResult S3Client::put_file(const S3Uri& object, const std::filesystem::path& file,
                             const PutOptions& options) {
    const std::int64_t bytes = file_bytes(file);
    if (bytes > options_.multipart_above) return put_parts(object, file, bytes, options);
    Request put = request("PUT", object);
    put.file = {file, 0, bytes};
    add_digests(put, digests_of(put.file));
    return put_request(std::move(put), object, options);
}

PutResult S3Client::put_request(Request request, const S3Uri& object, const PutOptions& options) {
    add_options(request, options);
    Request conditional = request;
    add_condition(conditional, options.condition);
    const Response response = send(conditional, object.bucket);
    if (response.ok()) return {true, unquoted(response.header("ETag")), true};
    const bool asked = options.condition.kind != PutCondition::Kind::none;
    if (asked && response.status == 501)
        return put_without_conditions(std::move(request), object, options);
    const bool gone =
        options.condition.kind == PutCondition::Kind::unchanged && response.status == 404;
    if (!asked || (response.status != 412 && !gone)) throw refusal(response, to_string(object));
    // The answer to an earlier attempt may have got lost: then the object is ours.
    if (response.attempts > 1) {
        const auto now = try_get_tagged(object);
        if (now && fs::digest_of(fs::DigestKind::sha256, now->bytes) == request.body_sha256)
            return {true, now->etag, true};
    }
    return {false, {}, true};
}

// Looks first where the server cannot be told to. Two writers may both pass.
PutResult S3Client::put_without_conditions(Request request, const S3Uri& object,
                                           const PutOptions& options) {
    const auto present = head(object);
    const auto& condition = options.condition;
    const bool holds = condition.kind == PutCondition::Kind::absent
                           ? !present
                           : present && present->etag == condition.etag;
    if (!holds) return {false, {}, false};
    const Response response = send(std::move(request), object.bucket);
    if (!response.ok()) throw refusal(response, to_string(object));
    return {true, unquoted(response.header("ETag")), false};
}

bool S3Client::supports_conditions(const S3Uri& prefix) {
    {
        const std::lock_guard lock(state_->mutex);
        const auto known = state_->conditions.find(prefix.bucket);
        if (known != state_->conditions.end()) return known->second;
    }
    S3Uri probe = prefix;
    if (!probe.key.empty() && !probe.key.ends_with('/')) probe.key += '/';
    probe.key += ".hls-probe-" + new_ulid();
    PutOptions options;
    options.condition = PutCondition::if_absent();
    const PutResult first = put(probe, "probe", options);
    const bool supported = first.conditional && !put(probe, "probed", options).written;
    remove(probe);
    const std::lock_guard lock(state_->mutex);
    return state_->conditions[prefix.bucket] = supported;
}

namespace {

// The server's list of parts as it wants to hear it again.
std::string completion_body(const std::vector<std::string>& etags) {
    std::string body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags.size(); ++i)
        body += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>\"{}\"</ETag></Part>", i + 1,
                            xml_escape(etags[i]));
    return body + "</CompleteMultipartUpload>";
}

// Into no more parts than S3 takes.
std::vector<FilePart> cut(const std::filesystem::path& file, std::int64_t bytes,
                          std::int64_t part_bytes) {
    part_bytes = std::max(part_bytes, (bytes + kMostParts - 1) / kMostParts);
    std::vector<FilePart> parts;
    for (std::int64_t offset = 0; offset < bytes; offset += part_bytes)
        parts.push_back({file, offset, std::min(part_bytes, bytes - offset)});
    return parts;
}

// What S3 makes of the MD5s of the parts.
std::string etag_of_parts(const std::vector<std::string>& md5s) {
    std::string bytes;
    for (const auto& md5 : md5s) bytes += bytes_of_hex(md5);
    return fmt::format("{}-{}", fs::digest_of(fs::DigestKind::md5, bytes), md5s.size());
}

}  // namespace

// After an answer that refuses what an earlier attempt, whose answer got lost, may have done.
std::optional<S3Object> S3Client::uploaded(const S3Uri& object, std::int64_t bytes,
                                           const std::string& etag, const std::string& sha256) {
    auto present = head(object);
    if (!present || present->bytes != bytes) return std::nullopt;
    const bool ours = present->etag == etag ||
                      (!sha256.empty() && find_header(present->metadata, "sha256") == sha256);
    return ours ? present : std::nullopt;
}

PutResult S3Client::put_parts(const S3Uri& object, const std::filesystem::path& file,
                              std::int64_t bytes, const PutOptions& options) {
    PutResult result;
    if (options.condition.kind == PutCondition::Kind::absent && head(object)) return result;
    Request start = request("POST", object, {{"uploads", ""}});
    add_options(start, options);
    const Response started = send(start, object.bucket);
    if (!started.ok()) throw refusal(started, to_string(object));
    const std::string upload = xml_value(started.body, "UploadId");
    if (upload.empty())
        throw Error{Exit::bad_input, to_string(object) + ": the server began no upload"};

    const auto parts = cut(file, bytes, options_.part_bytes);
    std::vector<std::string> etags(parts.size()), md5s(parts.size());
    try {
        parallel_for(parts.size(), options_.parallel_parts, [&](std::size_t i) {
            Request part = request("PUT", object,
                                   {{"partNumber", std::to_string(i + 1)}, {"uploadId", upload}});
            part.file = parts[i];
            const BodyDigests digests = digests_of(part.file);
            md5s[i] = digests.md5;
            add_digests(part, digests);
            const Response response = send(part, object.bucket);
            if (!response.ok()) throw refusal(response, to_string(object));
            etags[i] = unquoted(response.header("ETag"));
        });
        Request complete = request("POST", object, {{"uploadId", upload}});
        complete.body = completion_body(etags);
        complete.headers.emplace_back("Content-Type", "application/xml");
        Request conditional = complete;
        add_condition(conditional, options.condition);
        for (int attempt = 1;; ++attempt) {
            Response response = send(conditional, object.bucket);
            if (response.status == 501 && options.condition.kind != PutCondition::Kind::none) {
                conditional = complete;
                result.conditional = false;
                continue;
            }
            // The server may say 200 before it knows, and then end with an error document.
            if (response.ok() && response.body.find("<Error") == std::string::npos)
                return {true, unquoted(xml_value(response.body, "ETag")), result.conditional};
            const bool repeated = response.attempts + attempt > 2;
            if (response.status == 404 || (response.status == 412 && repeated))
                if (const auto ours = uploaded(object, bytes, etag_of_parts(md5s), options.sha256))
                    return {true, ours->etag, result.conditional};
            if (response.status == 412) break;
            if (response.ok()) response.status = 500;
            if (response.status < 500 || attempt == kCompletionTries)
                throw refusal(response, to_string(object));
        }
    } catch (...) {
        Request abort = request("DELETE", object, {{"uploadId", upload}});
        abort.even_if_cancelled = true;
        try {
            send(abort, object.bucket);
        } catch (const Error&) {  // the first failure is the one to report
        }
        throw;
    }
    send(request("DELETE", object, {{"uploadId", upload}}), object.bucket);
    return result;
}

}  // namespace hls::net
