// SPDX-License-Identifier: Apache-2.0
// Digests against published test vectors (RFC 1321, FIPS 180-4) and files.
#include "fs/digest.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "core/error.hpp"

namespace hls::fs {
namespace {

TEST(Digest, PublishedVectors) {
    EXPECT_EQ(digest_of(DigestKind::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(digest_of(DigestKind::md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
    EXPECT_EQ(digest_of(DigestKind::sha256, "abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(digest_of(DigestKind::sha512, "abc"),
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
              "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Digest, PiecesEqualTheWhole) {
    Digest digest(DigestKind::sha256);
    digest.update("a");
    digest.update("");
    digest.update("bc");
    EXPECT_EQ(digest.hex(), digest_of(DigestKind::sha256, "abc"));
}

TEST(Digest, OfAFileLargerThanOneRead) {
    const auto path =
        std::filesystem::temp_directory_path() / ("hls_digest_" + std::to_string(::getpid()));
    const std::string million(1'000'000, 'a');
    std::ofstream(path, std::ios::binary) << million << million;
    EXPECT_EQ(digest_of_file(DigestKind::sha256, path),
              digest_of(DigestKind::sha256, million + million));
    std::filesystem::remove(path);
}

// FIPS 180-4: one million times "a".
TEST(Digest, OneMillionTimesA) {
    EXPECT_EQ(digest_of(DigestKind::sha256, std::string(1'000'000, 'a')),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Digest, MissingFileIs66) {
    try {
        digest_of_file(DigestKind::md5, "/no/such/file");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code, Exit::missing_input);
        EXPECT_NE(error.message.find("/no/such/file"), std::string::npos);
    }
}

}  // namespace
}  // namespace hls::fs
