// SPDX-License-Identifier: Apache-2.0
#include "fetch/unwrap.hpp"

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/parse.hpp"
#include "fetch/json.hpp"
#include "net/s3.hpp"
#include "net/url.hpp"

namespace hls::fetch {
namespace {

using Json = nlohmann::json;

constexpr int kDeepestEnvelope = 6;

bool is_uuid(std::string_view text) {
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0)
            return false;
    }
    return true;
}

std::string first_text(const Json& object, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (auto text = text_at(object, name); !text.empty()) return text;
    return {};
}

// A product's name in the last part of a key, or in the folder a file lies in.
std::string id_in_key(const std::string& key) {
    auto pieces = split(key, '/');
    while (!pieces.empty() && pieces.back().empty()) pieces.pop_back();
    for (auto it = pieces.rbegin(); it != pieces.rend(); ++it) {
        GranuleRecord probe;
        probe.id = normalised_id(*it);
        if (describe_by_id(probe)) return probe.id;
    }
    return {};
}

std::string raw_of(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace).substr(0, 400);
}

class Unwrapper {
 public:
    explicit Unwrapper(const Unwrapping& run)
        : rules_(run.rules), sinks_(run.sinks), counts_(run.counts), seen_(run.seen) {}

    void document(std::string_view text);
    void bare_line(std::string_view line);

 private:
    void visit(const Json& value, Via via, int depth);
    bool visit_envelope(const Json& value, const Via& via, int depth);
    bool visit_announcement(const Json& value, const Via& via);
    void visit_records(const Json& records, const Via& via, int depth);
    void nested(const std::string& text, const Via& via, int depth);
    void s3_object(const std::string& bucket, const std::string& key, const std::string& version,
                   const Via& via);
    void landsat_announcement(const Json& value, const Via& via);
    void copernicus_notification(const Json& value, Via via);
    void emit(GranuleRecord record, const Via& via, const std::string& raw,
              const std::string& version = {});
    void reject(const std::string& why, const std::string& raw, const Via& via);

    const MessageRules& rules_;
    const MessageReader::Sinks& sinks_;
    MessageCounts& counts_;
    std::set<std::uint64_t>& seen_;
};

}  // namespace

void unwrap_document(const Unwrapping& run, std::string_view text) {
    Unwrapper(run).document(text);
}

void unwrap_line(const Unwrapping& run, std::string_view line) {
    Unwrapper(run).bare_line(line);
}

namespace {

void Unwrapper::document(std::string_view text) {
    try {
        visit(strict_json<Json>(text), {}, 0);
    } catch (const Error&) {
        reject("bad_json", std::string(text), {});
    }
}

void Unwrapper::nested(const std::string& text, const Via& via, int depth) {
    try {
        visit(strict_json<Json>(text), via, depth + 1);
    } catch (const Error&) {
        reject("bad_json", text, via);
    }
}

void Unwrapper::reject(const std::string& why, const std::string& raw, const Via& via) {
    ++(why.starts_with("filtered:") ? counts_.filtered : counts_.rejected);
    if (sinks_.reject) sinks_.reject({why, raw, via});
}

void Unwrapper::emit(GranuleRecord record, const Via& via, const std::string& raw,
                     const std::string& version) {
    record.via = via;
    if (!(record.need_lookup && record.id.empty()) && !describe_by_id(record))
        return reject("unknown_name", raw, via);
    if (record.accept) apply_preset(record, rules_.preset);
    if (!record.accept) return reject(record.why, raw, via);
    std::string identity =
        record.source + '|' + record.uuid + '|' + record.id + '|' + version + '|' + record.event;
    for (const auto& [name, sum] : record.sums) identity += '|' + sum;
    if (!seen_.insert(std::hash<std::string>{}(identity)).second) {
        ++counts_.duplicates;
        return;
    }
    ++counts_.granules;
    if (sinks_.granule) sinks_.granule(record);
}

void Unwrapper::bare_line(std::string_view line) {
    GranuleRecord record;
    const std::string text(line);
    const Via via{"line", {}, {}};
    if (is_uuid(line)) {
        record.uuid = text;
        record.source = "cdse";
        record.need_lookup = true;
        return emit(std::move(record), via, text);
    }
    if (net::is_s3_uri(line)) {
        try {
            const auto uri = net::parse_s3_uri(line);
            return s3_object(uri.bucket, uri.key, {}, via);
        } catch (const Error&) {
            return reject("unknown_name", text, via);
        }
    }
    if (line.find_first_of("\"<>{}()=,;") != std::string_view::npos)
        return reject("bad_json", text, via);
    record.event = "listed";
    record.id = normalised_id(line);
    if (record.id.starts_with("L")) {
        record.source = "usgs";
        if (const auto prefix = landsat_s3_prefix(record.id); !prefix.empty())
            record.urls.push_back({"s3", prefix, "usgs"});
    } else {
        record.source = "cdse";
        record.need_lookup = true;
    }
    emit(std::move(record), via, text);
}

void Unwrapper::visit(const Json& value, Via via, int depth) {
    if (depth > kDeepestEnvelope) return reject("too_many_envelopes", raw_of(value), via);
    if (value.is_array()) {
        for (const auto& element : value) visit(element, via, depth);
        return;
    }
    if (value.is_string()) return bare_line(value.get<std::string>());
    if (!value.is_object()) return reject("unknown_message", raw_of(value), via);
    if (!visit_envelope(value, via, depth) && !visit_announcement(value, via))
        reject("unknown_message", raw_of(value), via);
}

bool Unwrapper::visit_envelope(const Json& value, const Via& via, int depth) {
    if (const Json& messages = member_at(value, "Messages"); messages.is_array()) {
        for (const auto& message : messages)
            nested(first_text(message, {"Body", "body"}),
                   {"sqs", first_text(message, {"ReceiptHandle", "receiptHandle"}), {}}, depth);
        return true;
    }
    if (const Json& records = member_at(value, "Records"); records.is_array()) {
        visit_records(records, via, depth);
        return true;
    }
    const std::string type = text_at(value, "Type");
    if (type == "Notification" && value.contains("TopicArn")) {
        nested(text_at(value, "Message"),
               {via.kind.empty() ? "sns" : via.kind, via.ack, instant_at(value, "Timestamp")},
               depth);
        return true;
    }
    if (type == "SubscriptionConfirmation") {  // its address is never visited
        reject("subscription_confirmation", text_at(value, "TopicArn"), via);
        return true;
    }
    if (text_at(value, "Event") == "s3:TestEvent") {
        ++counts_.ignored;
        return true;
    }
    return false;
}

void Unwrapper::visit_records(const Json& records, const Via& via, int depth) {
    for (const auto& record : records) {
        const std::string source = first_text(record, {"eventSource", "EventSource"});
        if (source == "aws:sqs") {
            nested(text_at(record, "body"), {"sqs", text_at(record, "receiptHandle"), {}}, depth);
        } else if (source == "aws:sns" || record.contains("Sns")) {
            const Json& sns = member_at(record, "Sns");
            nested(text_at(sns, "Message"), {"sns", via.ack, instant_at(sns, "Timestamp")}, depth);
        } else if (source == "aws:s3") {
            if (!text_at(record, "eventName").starts_with("ObjectCreated:")) {
                ++counts_.ignored;
                continue;
            }
            const Json& s3 = member_at(record, "s3");
            const Json& object = member_at(s3, "object");
            s3_object(text_at(member_at(s3, "bucket"), "name"),
                      net::percent_decode(text_at(object, "key"), true),
                      text_at(object, "eTag") + text_at(object, "sequencer"),
                      {"s3-event", via.ack, instant_at(record, "eventTime")});
        } else {
            visit(record, via, depth + 1);
        }
    }
}

bool Unwrapper::visit_announcement(const Json& value, const Via& via) {
    const std::string raw = raw_of(value);
    if (text_at(value, "source") == "aws.batch") {
        ++counts_.jobs;
        if (sinks_.job) sinks_.job(job_line(value));
    } else if (const Json& detail = member_at(value, "detail");
               detail.is_object() && member_at(detail, "object").is_object()) {
        if (const auto type = text_at(value, "detail-type");
            !type.empty() && type != "Object Created") {
            ++counts_.ignored;
            return true;
        }
        const Json& object = member_at(detail, "object");
        s3_object(text_at(member_at(detail, "bucket"), "name"), text_at(object, "key"),
                  text_at(object, "etag") + text_at(object, "sequencer"),
                  {"eventbridge", via.ack, instant_at(value, "time")});
    } else if (value.contains("landsat_product_id")) {
        landsat_announcement(value, via);
    } else if (value.contains("tiles") && value.contains("datatakeIdentifier")) {
        emit(record_of_aws_product(value), {"aws-s2", via.ack, via.time}, raw);
    } else if (value.contains("SubscriptionEvent")) {
        copernicus_notification(value, via);
    } else if (value.contains("tileGeometry") && value.contains("datastrip")) {  // tileInfo.json
        emit(record_of_aws_tile(value), {"aws-s2", via.ack, via.time}, raw);
    } else if (const Json& products = member_at(value, "value"); products.is_array()) {
        for (const auto& product : products) {
            if (product.contains("SubscriptionEvent"))
                copernicus_notification(product, via);
            else
                emit(record_of_odata(product), {"odata", via.ack, via.time}, raw_of(product));
        }
    } else if (member_at(value, "features").is_array()) {
        for (const auto& item : member_at(value, "features"))
            emit(record_of_stac(item), {"stac", via.ack, via.time}, raw_of(item));
    } else if (text_at(value, "type") == "Feature") {
        emit(record_of_stac(value), {"stac", via.ack, via.time}, raw);
    } else if (value.contains("Name") && value.contains("S3Path")) {
        emit(record_of_odata(value), {"odata", via.ack, via.time}, raw);
    } else if (text_at(value, "kind") == "granule") {
        GranuleRecord record = record_of(value);
        const Via own = record.via;
        emit(std::move(record), own, raw);
    } else if (const Json& rows = member_at(value, "results"); rows.is_array()) {
        for (const auto& row : rows)
            emit(record_of_aws_tile(row), {"aws-s2", via.ack, via.time}, raw_of(row));
    } else if (const Json& contents = member_at(value, "Contents"); contents.is_array()) {
        for (const auto& object : contents) {
            GranuleRecord record;
            record.event = "listed";
            record.id = id_in_key(text_at(object, "Key"));
            record.source = "local";
            emit(std::move(record), {"s3-list", via.ack, via.time}, raw_of(object));
        }
    } else if (value.contains("bucket") && value.contains("key")) {  // EventBridge transformer
        s3_object(text_at(value, "bucket"), text_at(value, "key"), {},
                  {"eventbridge", via.ack, {}});
    } else {
        return false;
    }
    return true;
}

void Unwrapper::s3_object(const std::string& bucket, const std::string& key,
                          const std::string& version, const Via& via) {
    const std::string raw = bucket + '/' + key;
    if (!rules_.allowed_buckets.contains(bucket)) return reject("not_allowed_bucket", raw, via);
    std::string relative = key;
    while (relative.ends_with('/')) relative.pop_back();
    try {
        net::require_safe_key(relative);
    } catch (const Error&) {
        return reject("unsafe_key", raw, via);
    }
    GranuleRecord record;
    record.id = id_in_key(relative);
    if (record.id.empty()) return reject("unknown_name", raw, via);
    record.source = bucket == "usgs-landsat"      ? "usgs"
                    : bucket == "sentinel-s2-l1c" ? "aws-s2"
                    : bucket == "eodata"          ? "cdse"
                                                  : "local";
    const bool is_file = relative.ends_with(".zip") || relative.ends_with(".tar");
    if (is_file) {
        record.urls.push_back({"zip", "s3://" + bucket + '/' + relative, "aws"});
    } else {
        const auto end = relative.find(record.id);
        if (end != std::string::npos) {
            const auto stop = relative.find('/', end);
            record.urls.push_back({"s3", "s3://" + bucket + '/' + relative.substr(0, stop) + '/',
                                   record.source == "usgs" ? "usgs" : "aws"});
        }
    }
    emit(std::move(record), via, raw, version);
}

void Unwrapper::landsat_announcement(const Json& value, const Via& via) {
    const std::string raw = raw_of(value);
    GranuleRecord record;
    record.source = "usgs";
    record.id = normalised_id(text_at(value, "landsat_product_id"));
    const Via how{"usgs-sns", via.ack, via.time};
    const std::string location = text_at(value, "s3_location");
    if (!location.empty()) {
        std::string bucket;
        try {
            bucket = net::parse_s3_uri(location).bucket;
        } catch (const Error&) {
            return reject("bad_location", raw, how);
        }
        if (!rules_.allowed_buckets.contains(bucket)) return reject("not_allowed_bucket", raw, how);
    }
    const std::string expected = landsat_s3_prefix(record.id);
    if (!expected.empty()) {
        std::string given = location;
        if (!given.empty() && !given.ends_with('/')) given += '/';
        // Level-2 and other products lie elsewhere and are filtered by their name.
        const bool level1 = record.id.size() > 6 && record.id[6] == '1';
        if (!given.empty() && given != expected && level1)
            return reject("location_disagrees", raw, how);
        record.urls.push_back({"s3", expected, "usgs"});
    }
    emit(std::move(record), how, raw);
}

void Unwrapper::copernicus_notification(const Json& value, Via via) {
    const std::string raw = raw_of(value);
    if (text_at(value, "AckId") != "") via.ack = text_at(value, "AckId");
    via.kind = "cdse-push";
    via.time = instant_at(value, "NotificationDate");
    GranuleRecord record;
    if (member_at(value, "value").is_object()) {
        record = record_of_odata(member_at(value, "value"));
    } else {  // older than three days: the body is gone, the name is there
        record.source = "cdse";
        record.uuid = text_at(value, "ProductId");
        record.id = normalised_id(text_at(value, "ProductName"));
        record.need_lookup = true;
    }
    const std::string event = text_at(value, "SubscriptionEvent");
    record.event = event == "deleted" ? "withdrawn" : event == "modified" ? "modified" : "created";
    emit(std::move(record), via, raw);
}

}  // namespace
}  // namespace hls::fetch
