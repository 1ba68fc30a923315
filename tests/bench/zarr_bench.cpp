// SPDX-License-Identifier: Apache-2.0
// Durable writing of Zarr arrays with the transactions that the tool uses, one job a call, for
// zarr_peers.py to run between other writers:
//   bench_zarr data FILE                     1 GiB of noisy float32, 16 steps of 4096 x 4096
//   bench_zarr bounds FILE DIR               memcpy, and plain files written and synced
//   bench_zarr encode FILE CODEC THREADS     encoding alone
//   bench_zarr write FILE DIR CODEC THREADS  a transaction for each step, chunks of 1 x 512 x 512
//   bench_zarr bulk FILE DIR CODEC THREADS   the same in one transaction, as the tool appends files
//   bench_zarr append FILE DIR CODEC THREADS a transaction for each of 8 steps, chunks of 4 x 512 x
//   512 bench_zarr batch FILE DIR CODEC THREADS  the same in batches of a row of chunks, as ingest
//   does bench_zarr layers DIR                    6 bands and Fmask of a 3660 x 3660 tile, as HLS
//   GeoTIFF
// Prints one JSON object: seconds of writing (reading and making the input not counted), bytes,
// peak memory.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "core/parallel.hpp"
#include "io/raster.hpp"
#include "zarr/array.hpp"
#include "zarr/hierarchy.hpp"
#include "zarr/local_store.hpp"
#include "zarr/row_writer.hpp"
#include "zarr/transaction.hpp"

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

// A store with its state, as the tool opens them.
struct Session {
    explicit Session(const stdfs::path& folder)
        : state(folder.string() + ".hls-state", StateFolder::Open::create),
          store(folder, state.staging()),
          writer(state, "bench"),
          access{store, &store, DurableFiles()} {}

    StateFolder state;
    LocalStore store;
    Writer writer;
    StoreAccess access;
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

// Steps [first, first + count) in one transaction.
std::uint64_t write_steps(Session& session, const Array& array, std::uint64_t first,
                          std::uint64_t count, const Bytes& data, int threads) {
    StoreTransaction transaction(session.writer, session.access);
    ChunkRowWriter rows(transaction, session.store, array, first, EmptyChunks::write);
    const std::uint64_t per_chunk = array.metadata().chunk_shape[0];
    for (std::uint64_t step = first; step < first + count;) {
        const std::uint64_t chunk_row = step / per_chunk;
        std::vector<RowPlane> planes;
        for (; step < first + count && step / per_chunk == chunk_row; ++step)
            planes.push_back({step, ByteView(data).subspan(step * kStepBytes, kStepBytes)});
        const auto all = bands_of(array, chunk_row, 1, ~std::uint64_t{0});
        rows.write(all.front(), planes, threads);
    }
    OwnerLocks publish(session.writer, {kPublishLock});
    return transaction.commit({}, count, [] {}).bytes;
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
    const bool aligned = job == "write" || job == "bulk";
    const std::uint64_t steps = aligned ? kSteps : 8;
    const std::uint64_t at_once = job == "batch" ? 4 : job == "bulk" ? kSteps : 1;
    const auto metadata =
        array_metadata(kFloat32, {steps, kEdge, kEdge}, {aligned ? 1u : 4u, 512, 512}, codec);
    Session session(folder);
    put_metadata(session.store, "red", metadata);
    const Array array("red", metadata);
    const auto data = read_file(data_file, steps * kStepBytes);
    std::uint64_t stored = 0;
    const auto timing = timing_of([&] {
        for (std::uint64_t step = 0; step < steps; step += at_once)
            stored += write_steps(session, array, step, at_once, data, threads);
    });
    report(job, timing, data.size(), stored);
}

// The fastest way to a durable file that this disk has: one large file past the page cache, synced.
void write_plain(const stdfs::path& path, const Bytes& data) {
    constexpr std::size_t kBlock = std::size_t{4} << 20;
    const auto block = std::unique_ptr<std::byte, decltype(&std::free)>(
        static_cast<std::byte*>(std::aligned_alloc(4096, kBlock)), &std::free);
    int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_DIRECT, 0666);
    if (file < 0) file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
    for (std::size_t at = 0; at < data.size(); at += kBlock) {
        std::memcpy(block.get(), data.data() + at, kBlock);
        if (::write(file, block.get(), kBlock) != static_cast<ssize_t>(kBlock)) std::abort();
    }
    ::fsync(file);
    ::close(file);
}

void run_bounds(const stdfs::path& data_file, const stdfs::path& folder) {
    const auto data = read_file(data_file, kSteps * kStepBytes);
    Bytes copy(data.size());
    std::memcpy(copy.data(), data.data(), data.size());
    report("memcpy", timing_of([&] { std::memcpy(copy.data(), data.data(), data.size()); }),
           data.size(), data.size());
    stdfs::create_directories(folder);
    report("disk", timing_of([&] { write_plain(folder / "plain", data); }), data.size(),
           data.size());
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
    layer.nodata = type == hls::io::PixelType::i16 ? -9999 : 255;
    if (type == hls::io::PixelType::i16) layer.scale = 0.0001;
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
    hls::io::RasterWriter writer(path.string(), {kTile, kTile, 399960, 3100020, 30, 32616}, layer);
    const auto& band_rows = bands;
    const auto& mask_rows = mask;
    if (type == hls::io::PixelType::i16)
        writer.write_rows<std::int16_t>(0, band_rows.view());
    else
        writer.write_rows<std::uint8_t>(0, mask_rows.view());
    writer.close();
}

void run_layers(const stdfs::path& folder) {
    stdfs::create_directories(folder);
    for (unsigned band = 2; band <= 8; ++band) {
        const bool mask = band == 8;
        const auto name = mask ? std::string("Fmask") : fmt::format("B{:02}", band);
        make_layer(folder / fmt::format("HLS.L30.T16RDV.2020214T161612.v2.0.{}.tif", name),
                   mask ? hls::io::PixelType::u8 : hls::io::PixelType::i16, band);
    }
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
    else if ((job == "write" || job == "bulk" || job == "append" || job == "batch") && argc == 6)
        run_write(argv[2], argv[3], job, argv[4], std::atoi(argv[5]));
    else if (job == "layers" && argc == 3)
        run_layers(argv[2]);
    else
        return 2;
    return 0;
}
