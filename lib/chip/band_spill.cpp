// SPDX-License-Identifier: Apache-2.0
#include "chip/band_spill.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "core/error.hpp"

namespace hls::chip {
namespace {

[[noreturn]] void fail(const char* what) {
    throw Error{Exit::io_error,
                fmt::format("cannot {} a temporary file: {}", what, std::strerror(errno)),
                "TMPDIR says where it lies"};
}

// Calls move(bytes done) until `bytes` are moved; an interrupted call is made again.
template <typename Move>
void move_all(std::size_t bytes, const char* what, Move move) {
    for (std::size_t done = 0; done < bytes;) {
        const ssize_t moved = move(done);
        if (moved < 0 && errno == EINTR) continue;
        if (moved == 0) errno = EIO;
        if (moved <= 0) fail(what);
        done += static_cast<std::size_t>(moved);
    }
}

}  // namespace

BandSpill::~BandSpill() {
    if (file_ >= 0) ::close(file_);
}

// Not every file system knows files without a name.
void BandSpill::open() {
    const char* folder = std::getenv("TMPDIR");
    if (folder == nullptr || *folder == '\0') folder = "/tmp";
    file_ = ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file_ >= 0) return;
    std::string name = std::string(folder) + "/hls-chip-XXXXXX";
    file_ = ::mkostemp(name.data(), O_CLOEXEC);
    if (file_ < 0) fail("create");
    ::unlink(name.c_str());
}

BandSpill::Slot BandSpill::put(const BandPatch& patch) {
    if (file_ < 0) open();
    const auto& pixels = patch.pixels;
    const std::size_t bytes = pixels.size() * sizeof(std::uint16_t);
    const auto* from = reinterpret_cast<const char*>(pixels.data());
    move_all(bytes, "write", [&](std::size_t done) {
        return ::pwrite(file_, from + done, bytes - done, static_cast<off_t>(end_ + done));
    });
    const Slot slot{patch.factor, patch.col, patch.row, pixels.rows(), pixels.cols(), end_};
    end_ += bytes;
    return slot;
}

void BandSpill::get(const Slot& slot, const PixelBox& box, BandPatch& part) const {
    const int factor = slot.factor;
    const int row = box.row / factor, col = box.col / factor;
    const int rows = (box.row + box.rows - 1) / factor - row + 1;
    const int cols = (box.col + box.cols - 1) / factor - col + 1;
    if (part.pixels.rows() != rows || part.pixels.cols() != cols)
        part.pixels = Plane<std::uint16_t>(rows, cols);
    part.factor = factor;
    part.row = row;
    part.col = col;
    const std::size_t bytes = static_cast<std::size_t>(cols) * sizeof(std::uint16_t);
    for (int r = 0; r < rows; ++r) {
        auto* to = reinterpret_cast<char*>(part.pixels.row(r).data());
        const auto first =
            static_cast<std::uint64_t>(row + r - slot.row) * static_cast<std::uint64_t>(slot.cols) +
            static_cast<std::uint64_t>(col - slot.col);
        const std::uint64_t at = slot.at + first * sizeof(std::uint16_t);
        move_all(bytes, "read", [&](std::size_t done) {
            return ::pread(file_, to + done, bytes - done, static_cast<off_t>(at + done));
        });
    }
}

}  // namespace hls::chip
