// SPDX-License-Identifier: Apache-2.0
// Checksums of memory and files, as lower-case hexadecimal text.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace hls::fs {

// MD5 and SHA3-256 check against the lists that agencies publish.
enum class DigestKind { md5, sha256, sha512, sha3_256 };

// Takes data piece by piece.
class Digest {
 public:
    explicit Digest(DigestKind kind);
    ~Digest();
    Digest(Digest&&) noexcept;
    Digest& operator=(Digest&&) noexcept;

    void update(std::string_view data);
    void update(const void* data, std::size_t bytes);
    // Ends the computation; call it once.
    std::string hex();

 private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string digest_of(DigestKind kind, std::string_view data);

// Throws Error{missing_input, permission, io_error}. Stops on cancellation.
std::string digest_of_file(DigestKind kind, const std::filesystem::path& path);

}  // namespace hls::fs
