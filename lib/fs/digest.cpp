// SPDX-License-Identifier: Apache-2.0
#include "fs/digest.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "core/cancel.hpp"
#include "core/error.hpp"

namespace hls::fs {
namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

const EVP_MD* algorithm(DigestKind kind) {
    switch (kind) {
        case DigestKind::md5:
            return EVP_md5();
        case DigestKind::sha256:
            return EVP_sha256();
        case DigestKind::sha512:
            return EVP_sha512();
        case DigestKind::sha3_256:
            return EVP_sha3_256();
    }
    return nullptr;
}

void require(int openssl_result) {
    if (openssl_result != 1) throw Error{Exit::internal, "libcrypto cannot compute this digest"};
}

Exit code_of(int error) {
    if (error == ENOENT || error == ENOTDIR) return Exit::missing_input;
    return error == EACCES || error == EPERM ? Exit::permission : Exit::io_error;
}

[[noreturn]] void fail_reading(const std::filesystem::path& path, int error) {
    throw Error{code_of(error),
                fmt::format("cannot read {}: {}", path.string(), std::strerror(error))};
}

class ReadOnlyFile {
 public:
    explicit ReadOnlyFile(const std::filesystem::path& path)
        : path_(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) fail_reading(path_, errno);
    }
    ~ReadOnlyFile() { ::close(descriptor_); }
    ReadOnlyFile(const ReadOnlyFile&) = delete;
    ReadOnlyFile& operator=(const ReadOnlyFile&) = delete;

    std::size_t read(std::vector<char>& buffer) {
        for (;;) {
            const auto count = ::read(descriptor_, buffer.data(), buffer.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) fail_reading(path_, errno);
        }
    }

 private:
    const std::filesystem::path& path_;
    int descriptor_;
};

}  // namespace

struct Digest::State {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(),
                                                                    &EVP_MD_CTX_free};
};

Digest::Digest(DigestKind kind) : state_(std::make_unique<State>()) {
    require(EVP_DigestInit_ex(state_->context.get(), algorithm(kind), nullptr));
}
Digest::~Digest() = default;
Digest::Digest(Digest&&) noexcept = default;
Digest& Digest::operator=(Digest&&) noexcept = default;

void Digest::update(std::string_view data) {
    update(data.data(), data.size());
}

void Digest::update(const void* data, std::size_t bytes) {
    require(EVP_DigestUpdate(state_->context.get(), data, bytes));
}

std::string Digest::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned int size = 0;
    require(EVP_DigestFinal_ex(state_->context.get(), raw.data(), &size));
    std::string text;
    for (unsigned int i = 0; i < size; ++i) text += fmt::format("{:02x}", raw[i]);
    return text;
}

std::string digest_of(DigestKind kind, std::string_view data) {
    Digest digest(kind);
    digest.update(data);
    return digest.hex();
}

std::string digest_of_file(DigestKind kind, const std::filesystem::path& path) {
    ReadOnlyFile file(path);
    Digest digest(kind);
    std::vector<char> buffer(kReadBytes);
    while (const std::size_t count = file.read(buffer)) {
        digest.update(buffer.data(), count);
        throw_if_cancelled();
    }
    return digest.hex();
}

}  // namespace hls::fs
