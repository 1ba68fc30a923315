// SPDX-License-Identifier: Apache-2.0
// The bytes -> bytes codecs: compressors, checksums and the shuffle filter. Internal to zarr.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "zarr/codec.hpp"

namespace hls::zarr {

// Contexts of the compressors, made when first needed.
class ByteCodecContexts {
 public:
    ByteCodecContexts();
    ~ByteCodecContexts();
    ByteCodecContexts(ByteCodecContexts&&) noexcept;
    ByteCodecContexts& operator=(ByteCodecContexts&&) noexcept;

    struct State;
    State& state() { return *state_; }

 private:
    std::unique_ptr<State> state_;
};

bool is_byte_codec(const Codec& codec);
// Whether the kit writes it.
bool is_writable(const Codec& codec);

// Throws Error{bad_input} if a parameter is out of range, or `bytes` of input are too many.
void require_valid(const Codec& codec, std::uint64_t bytes);

// Enough for the output of encode_bytes() for `bytes` of input.
std::uint64_t encoded_bound(const Codec& codec, std::uint64_t bytes);
// No writer makes more than this from `bytes` of input: larger objects are refused unread.
std::uint64_t plausible_bound(const Codec& codec, std::uint64_t bytes);

// Returns the number of bytes written to `out`, which has encoded_bound() bytes.
std::size_t encode_bytes(const Codec& codec, ByteView in, std::span<std::byte> out,
                         ByteCodecContexts& contexts);

// Returns the number of bytes written to `out`. Throws Error{bad_input} for damaged input and if
// the result does not fit into `out`; nothing is ever written beyond it.
std::size_t decode_bytes(const Codec& codec, ByteView in, std::span<std::byte> out,
                         ByteCodecContexts& contexts);

}  // namespace hls::zarr
