// SPDX-License-Identifier: Apache-2.0
#include "chip/pack.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "chip/draw.hpp"
#include "core/cancel.hpp"
#include "core/error.hpp"
#include "fs/atomic_output.hpp"
#include "fs/read_text.hpp"
#include "fs/tar_writer.hpp"

namespace hls::chip {
namespace {

constexpr std::size_t kMaxRaster = 1 << 30;

// Readers of shards take what is before the first dot as the name of the sample.
std::string sample_name(const ChipRecord& chip) {
    std::string name = chip.chip;
    std::ranges::replace(name, '.', '_');
    return name;
}

std::string read_checked(const PackRequest& request, const std::string& file,
                         const std::string& sha256) {
    std::string content = fs::read_text(request.folder / file, kMaxRaster);
    if (fs::digest_of(fs::DigestKind::sha256, content) != sha256)
        throw Error(Exit::bad_input, fmt::format("{} is not what its record says", file),
                    "hls-chip verify says what else is wrong");
    return content;
}

struct Member {
    std::string name, content;
};

std::vector<Member> members_of(const PackRequest& request, const ChipRecord& chip) {
    const std::string name = sample_name(chip);
    std::vector<Member> members;
    for (const ChipFile& file : files_of(chip))
        members.push_back({fmt::format("{}.{}.tif", name, file.kind),
                           read_checked(request, file.path, file.sha256)});
    members.push_back({name + ".json", format_chip_record(chip) + "\n"});
    return members;
}

// The shards of one split, one after the other.
class ShardSeries {
 public:
    ShardSeries(const PackRequest& request, std::string split, std::vector<PackedShard>& shards)
        : request_(request), split_(std::move(split)), shards_(shards) {}

    void add(const std::vector<Member>& members) {
        std::uint64_t bytes = 0;
        for (const Member& member : members)
            bytes += fs::TarWriter::member_bytes(member.content.size());
        if (writer_ && writer_->bytes() + bytes > request_.shard_bytes) close();
        if (!writer_) open();
        for (const Member& member : members) writer_->add(member.name, member.content);
        ++shards_.back().chips;
    }

    void close() {
        if (!writer_) return;
        shards_.back().sha256 = writer_->close();
        shards_.back().bytes = writer_->bytes();
        writer_.reset();
    }

 private:
    void open() {
        const std::string file = fmt::format("shards/{}-{:06}.tar", split_, number_++);
        writer_ = std::make_unique<fs::TarWriter>(request_.output / file);
        shards_.push_back({file, split_, "", 0, 0});
    }

    const PackRequest& request_;
    const std::string split_;
    std::vector<PackedShard>& shards_;
    std::unique_ptr<fs::TarWriter> writer_;
    int number_ = 0;
};

}  // namespace

std::vector<PackedShard> pack_shards(const PackRequest& request,
                                     const std::vector<ChipRecord>& chips,
                                     const std::function<void(double)>& progress) {
    std::filesystem::create_directories(request.output / "shards");
    std::map<std::string, std::vector<const ChipRecord*>> splits;
    for (const ChipRecord& chip : chips) splits[chip.split].push_back(&chip);
    std::vector<PackedShard> shards;
    std::size_t done = 0;
    for (auto& [split, members] : splits) {
        std::ranges::sort(members, {}, [](const ChipRecord* chip) {
            return std::pair(draw(1, chip->chip), chip->chip);
        });
        ShardSeries series(request, split, shards);
        for (const ChipRecord* chip : members) {
            throw_if_cancelled();
            series.add(members_of(request, *chip));
            progress(static_cast<double>(++done) / static_cast<double>(chips.size()));
        }
        series.close();
    }
    std::string index;
    for (const PackedShard& s : shards)
        index += fmt::format(
            "{{\"shard\":\"{}\",\"split\":\"{}\",\"chips\":{},\"bytes\":{},\"sha256\":\"{}\"}}\n",
            s.file, s.split, s.chips, s.bytes, s.sha256);
    fs::write_text_atomically(request.output / "index.jsonl", index, fs::IfExists::replace);
    for (const char* file : {"plan.json", "classes.csv"})
        if (std::filesystem::exists(request.folder / file))
            std::filesystem::copy_file(request.folder / file, request.output / file);
    return shards;
}

}  // namespace hls::chip
