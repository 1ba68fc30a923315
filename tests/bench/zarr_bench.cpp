// SPDX-License-Identifier: Apache-2.0
// Durable writing of Zarr arrays, one job a call, for zarr_peers.py to run between other writers:
//   bench_zarr data FILE                     1 GiB of noisy float32, 16 steps of 4096 x 4096
//   bench_zarr bounds FILE DIR               memcpy, and plain files written and synced
//   bench_zarr encode FILE CODEC THREADS     encoding alone
//   bench_zarr write FILE DIR CODEC THREADS  one step a write, chunks of 1 x 512 x 512
//   bench_zarr append FILE DIR CODEC THREADS the first 8 steps one by one, chunks of 4 x 512 x 512
//   bench_zarr batch FILE DIR CODEC THREADS  the same in batches of a row of chunks, as ingest does
//   bench_zarr tile DIR THREADS              6 bands and Fmask of a 3660 x 3660 tile
// Prints one JSON object: seconds of writing (reading and making the input not counted, but for
// tile, where decoding the layers counts), bytes, peak memory.
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string_view>

#include "core/parallel.hpp"
#include "io/raster.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/local_store.hpp"
#include "zarr/source.hpp"

namespace {

using namespace hls::zarr;
namespace stdfs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSteps = 16;
constexpr std::uint64_t kEdge = 4096;
constexpr std::uint64_t kStepBytes = kEdge * kEdge * sizeof(float);

// Slow waves plus noise in the last digits: compresses by about a quarter.
void make_data(const stdfs::path& path) {
    std::ofstream file(path, std::ios::binary);
    std::vector<float> row(kEdge);
    std::uint32_t state = 12345;
    for (std::uint64_t step = 0; step < kSteps; ++step)
        for (std::uint64_t y = 0; y < kEdge; ++y) {
            for (std::uint64_t x = 0; x < kEdge; ++x) {
                state = state * 1664525U + 1013904223U;
                const auto wave = static_cast<float>((x / 64 + y / 48 + step * 7) % 41);
                row[x] = 270.0F + wave * 0.75F + static_cast<float>(state >> 12) * 2e-5F;
            }
            file.write(reinterpret_cast<const char*>(row.data()),
                       static_cast<std::streamsize>(row.size() * sizeof(float)));
        }
}

Bytes read_file(const stdfs::path& path, std::uint64_t bytes) {
    Bytes data(bytes);
    std::ifstream(path, std::ios::binary)
        .read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(bytes));
    return data;
}

// Stages every object of a region, makes all of them durable at once, and publishes them.
class GroupWriter {
 public:
    explicit GroupWriter(LocalStore& store) : store_(store) {
        files_.make_folders(store.staging());
    }

    void stage(const std::string& key, ByteView content) {
        const auto path = store_.staging() / fmt::format("{}", number_++);
        files_.write_new(path, content);
        bytes_ += content.size();
        const std::lock_guard lock(mutex_);
        staged_.emplace_back(path, key);
    }
    void commit() {
        files_.sync_file_system(store_.staging());
        for (const auto& [path, key] : staged_) store_.publish(path, key);
        store_.sync();
        staged_.clear();
    }
    std::uint64_t bytes() const { return bytes_; }

 private:
    LocalStore& store_;
    DurableFiles files_;
    std::mutex mutex_;
    std::vector<std::pair<stdfs::path, std::string>> staged_;
    std::atomic<std::uint64_t> number_ = 0;
    std::atomic<std::uint64_t> bytes_ = 0;
};

ArrayMetadata array_metadata(const DataType& type, Shape shape, Shape chunks,
                             std::string_view codec) {
    ArrayMetadata array;
    array.format = 2;
    array.type = type;
    array.shape = std::move(shape);
    array.chunk_shape = std::move(chunks);
    array.keys = {ChunkKeys::Style::v2, '.'};
    array.fill = element_from_double(type, type.kind == TypeKind::floating ? 0 : 255);
    array.codecs = {BytesCodec{}};
    if (codec == "lz4")
        array.codecs.push_back(BloscCodec{"lz4", 5, Shuffle::byte, type.bytes, 0});
    else
        array.codecs.push_back(BloscCodec{"zstd", 1, Shuffle::byte, type.bytes, 0});
    return array;
}

void put_metadata(LocalStore& store, const std::string& name, const ArrayMetadata& array) {
    Hierarchy hierarchy{2, {{"", GroupMetadata{2, {}}}, {name, array}}, true};
    for (const auto& document : metadata_documents(hierarchy))
        store.put(document.key, std::as_bytes(std::span(document.text)));
}

struct Steps {
    std::uint64_t first;
    std::uint64_t count;
};

void write_steps(LocalStore& store, GroupWriter& writer, const Array& array, Steps steps,
                 const std::byte* data, int threads) {
    const Region region{{steps.first, 0, 0}, {steps.count, kEdge, kEdge}};
    encode_region(store, array, region,
                  {data, dense_strides(region.count, array.metadata().type.bytes)}, threads,
                  [&](const std::string& key, const EncodedObject& object) {
                      writer.stage(key, object.content);
                  });
    writer.commit();
}

double cpu_seconds(const rusage& usage) {
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Timing {
    double seconds = 0;
    double cpu_s = 0;  // of all threads
};

Timing timing_of(const auto& action) {
    rusage before{};
    rusage after{};
    ::getrusage(RUSAGE_SELF, &before);
    const auto start = Clock::now();
    action();
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    ::getrusage(RUSAGE_SELF, &after);
    return {seconds, cpu_seconds(after) - cpu_seconds(before)};
}

void report(std::string_view job, const Timing& timing, std::uint64_t raw, std::uint64_t stored) {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print(
        "{{\"job\":\"{}\",\"seconds\":{:.4f},\"raw_bytes\":{},\"stored_bytes\":{},"
        "\"cpu_s\":{:.2f},\"rss_mb\":{}}}\n",
        job, timing.seconds, raw, stored, timing.cpu_s, usage.ru_maxrss / 1024);
}

void run_write(const stdfs::path& data_file, const stdfs::path& folder, std::string_view job,
               std::string_view codec, int threads) {
    const bool aligned = job == "write";
    const std::uint64_t steps = aligned ? kSteps : 8;
    const std::uint64_t at_once = job == "batch" ? 4 : 1;
    const auto metadata =
        array_metadata(kFloat32, {steps, kEdge, kEdge}, {aligned ? 1u : 4u, 512, 512}, codec);
    LocalStore store(folder);
    put_metadata(store, "red", metadata);
    const Array array("red", metadata);
    GroupWriter writer(store);
    const auto data = read_file(data_file, steps * kStepBytes);
    const auto timing = timing_of([&] {
        for (std::uint64_t step = 0; step < steps; step += at_once)
            write_steps(store, writer, array, {step, at_once}, data.data() + step * kStepBytes,
                        threads);
    });
    report(job, timing, data.size(), writer.bytes());
}

void run_bounds(const stdfs::path& data_file, const stdfs::path& folder) {
    const auto data = read_file(data_file, kSteps * kStepBytes);
    Bytes copy(data.size());
    std::memcpy(copy.data(), data.data(), data.size());
    report("memcpy", timing_of([&] { std::memcpy(copy.data(), data.data(), data.size()); }),
           data.size(), data.size());
    LocalStore store(folder);
    GroupWriter writer(store);
    const auto timing = timing_of([&] {
        for (std::uint64_t step = 0; step < kSteps; ++step) {
            for (std::uint64_t at = 0; at < kStepBytes; at += kStepBytes / 64)
                writer.stage(fmt::format("{}.{}", step, at),
                             ByteView(data).subspan(step * kStepBytes + at, kStepBytes / 64));
            writer.commit();
        }
    });
    report("disk", timing, data.size(), writer.bytes());
}

// Encoding alone, the result dropped.
void run_encode(const stdfs::path& data_file, std::string_view codec, int threads) {
    const auto data = read_file(data_file, kSteps * kStepBytes);
    const Array array("red",
                      array_metadata(kFloat32, {kSteps, kEdge, kEdge}, {1, 512, 512}, codec));
    const MemoryStore none;
    std::atomic<std::uint64_t> bytes = 0;
    const auto timing = timing_of([&] {
        encode_region(none, array, array.whole(),
                      {data.data(), dense_strides(array.metadata().shape, sizeof(float))}, threads,
                      [&](const std::string&, const EncodedObject& object) {
                          bytes += object.content.size();
                      });
    });
    report("encode", timing, data.size(), bytes);
}

constexpr int kTile = 3660;

void make_layer(const stdfs::path& path, hls::io::PixelType type, unsigned seed) {
    hls::io::Layer layer;
    layer.type = type;
    hls::Plane<std::int16_t> bands(kTile, kTile);
    hls::Plane<std::uint8_t> mask(kTile, kTile);
    std::uint32_t state = seed;
    for (int r = 0; r < kTile; ++r)
        for (int c = 0; c < kTile; ++c) {
            state = state * 1664525U + 1013904223U;
            const int field = ((r / 40) * 131 + (c / 60) * 71) % 97;
            bands(r, c) =
                static_cast<std::int16_t>(300 + field * 30 + static_cast<int>(state >> 26));
            mask(r, c) = static_cast<std::uint8_t>(field % 5 * 64);
        }
    hls::io::RasterWriter writer(path.string(), {kTile, kTile, 499980, 4200000, 30, 32610}, layer);
    const auto& band_rows = bands;
    const auto& mask_rows = mask;
    if (type == hls::io::PixelType::i16)
        writer.write_rows<std::int16_t>(0, band_rows.view());
    else
        writer.write_rows<std::uint8_t>(0, mask_rows.view());
    writer.close();
}

// One layer: decoded in bands of a row of chunks, so that memory stays small.
void write_layer(LocalStore& store, GroupWriter& writer, const stdfs::path& layer,
                 const Array& array, int threads) {
    const auto source = open_source(layer.string());
    const auto& band = source->variable("");
    const std::uint64_t rows = array.metadata().chunk_shape[1];
    Bytes pixels;
    for (std::uint64_t row = 0; row < band.shape[0]; row += rows) {
        const Region part{{row, 0}, {std::min(rows, band.shape[0] - row), band.shape[1]}};
        pixels.resize(part.elements() * band.type.bytes);
        source->read(band, part, pixels);
        const Region region{{0, row, 0}, {1, part.count[0], part.count[1]}};
        encode_region(store, array, region,
                      {pixels.data(), dense_strides(region.count, band.type.bytes)}, threads,
                      [&](const std::string& key, const EncodedObject& object) {
                          writer.stage(key, object.content);
                      });
    }
}

void run_tile(const stdfs::path& folder, int threads) {
    const auto layers = folder / "layers";
    stdfs::create_directories(layers);
    for (unsigned i = 0; i < 7; ++i)
        if (!stdfs::exists(layers / fmt::format("{}.tif", i)))
            make_layer(layers / fmt::format("{}.tif", i),
                       i < 6 ? hls::io::PixelType::i16 : hls::io::PixelType::u8, i);
    LocalStore store(folder / "tile.zarr");
    GroupWriter writer(store);
    const auto timing = timing_of([&] {
        // A layer a thread: decoding takes longer than encoding.
        hls::parallel_for(7, threads, [&](std::size_t i) {
            const auto type = i < 6 ? kInt16 : kUint8;
            const Array array(fmt::format("b{}", i),
                              array_metadata(type, {1, kTile, kTile}, {1, 512, 512}, "zstd"));
            write_layer(store, writer, layers / fmt::format("{}.tif", i), array, 1);
        });
        writer.commit();
    });
    report("tile", timing, std::uint64_t{kTile} * kTile * 13, writer.bytes());
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view job = argc > 1 ? argv[1] : "";
    if (job == "data" && argc == 3)
        make_data(argv[2]);
    else if (job == "bounds" && argc == 4)
        run_bounds(argv[2], argv[3]);
    else if (job == "encode" && argc == 5)
        run_encode(argv[2], argv[3], std::atoi(argv[4]));
    else if ((job == "write" || job == "append" || job == "batch") && argc == 6)
        run_write(argv[2], argv[3], job, argv[4], std::atoi(argv[5]));
    else if (job == "tile" && argc == 4)
        run_tile(argv[2], std::atoi(argv[3]));
    else
        return 2;
    return 0;
}
