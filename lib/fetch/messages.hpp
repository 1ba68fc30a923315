// SPDX-License-Identifier: Apache-2.0
// Messages of every shape to granule records: USGS SNS, S3 events (plain, SNS, SQS, EventBridge),
// Copernicus push and pull, AWS product announcements, STAC, bare ids, our own records.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "fetch/record.hpp"

namespace hls::fetch {

enum class Preset {
    none,          // any Level-1 product of OLI, any L1C product
    hls_forward,   // LC08 L1TP RT, LC09 L1TP, L1C: what HLS production took
    hls_forward2,  // LC08 and LC09, L1TP, RT or T1, and L1C
};

struct MessageRules {
    Preset preset = Preset::hls_forward2;
    std::set<std::string> allowed_buckets{"usgs-landsat", "sentinel-s2-l1c", "eodata"};
    std::size_t max_document_bytes = 1 << 20;
};

struct MessageCounts {
    std::int64_t granules = 0, rejected = 0, filtered = 0, ignored = 0, duplicates = 0, jobs = 0;
};

// Sets accept and why by the rules; the why of what is accepted is empty.
void apply_preset(GranuleRecord& record, Preset preset);

// Takes bytes piece by piece: JSON lines, whole documents one after the other, or ids a line.
// Memory does not grow with the length of the stream, but for 40 bytes an id to tell duplicates.
class MessageReader {
 public:
    struct Sinks {
        std::function<void(const GranuleRecord&)> granule;
        std::function<void(const Reject&)> reject;  // also what a preset filters
        // An AWS Batch job state change as one line of JSON for the job log.
        std::function<void(const std::string& line)> job;
    };

    MessageReader(MessageRules rules, Sinks sinks);

    void feed(std::string_view bytes);
    void finish();
    const MessageCounts& counts() const { return counts_; }

 private:
    void take(char c);
    void take_first(char c);
    void take_of_line(char c);
    void take_of_document(char c);
    bool begins_anew(char c) const;
    void end_document();
    void refuse_document(std::string_view why);
    void take_line(std::string_view line);
    void start_over();

    MessageRules rules_;
    Sinks sinks_;
    MessageCounts counts_;
    std::set<std::uint64_t> seen_;
    std::string text_;
    enum class Mode { between, line, document, skip_line } mode_ = Mode::between;
    int depth_ = 0;
    bool in_string_ = false;
    bool escaped_ = false;
    bool line_start_ = false;
    char last_mark_ = 0;  // last character that is no blank, outside strings
};

}  // namespace hls::fetch
