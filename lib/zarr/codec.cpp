// SPDX-License-Identifier: Apache-2.0
#include "zarr/codec.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "core/error.hpp"
#include "zarr/blosc_codec.hpp"
#include "zarr/byte_codecs.hpp"
#include "zarr/element_codecs.hpp"
#include "zarr/scratch.hpp"
#include "zarr/shard.hpp"

namespace hls::zarr {
namespace {

constexpr std::size_t kMaxRank = 32;
// The strings of one chunk, decoded.
constexpr std::uint64_t kMaxTextBytes = std::uint64_t{256} << 20;

[[noreturn]] void refuse(std::string problem) {
    throw Error{Exit::bad_input, std::move(problem)};
}

std::uint64_t bytes_of(const ChunkLayout& layout) {
    std::uint64_t bytes = std::max<std::uint64_t>(layout.type.bytes, 1);
    if (layout.shape.size() > kMaxRank)
        refuse(fmt::format("{} dimensions are more than {}", layout.shape.size(), kMaxRank));
    for (const auto n : layout.shape) {
        if (n == 0) refuse("a chunk without elements");
        if (__builtin_mul_overflow(bytes, n, &bytes) || bytes > kMaxChunkBytes)
            refuse("chunks of 2 GiB or more are not supported");
    }
    return bytes;
}

bool is_array_codec(const Codec& codec) {
    return std::holds_alternative<TransposeCodec>(codec) ||
           std::holds_alternative<DeltaCodec>(codec);
}

}  // namespace

// Two areas that hold input and output of one step by turns.
struct CodecBuffers::State {
    Scratch& other() {
        first_is_next = !first_is_next;
        return first_is_next ? first : second;
    }

    Scratch first;
    Scratch second;
    bool first_is_next = false;
    Scratch old_chunk;
    ByteCodecContexts contexts;
    std::unique_ptr<ShardBuffers> shard;

    ShardBuffers& shard_buffers() {
        if (!shard) shard = std::make_unique<ShardBuffers>();
        return *shard;
    }
};

CodecBuffers::CodecBuffers() : state_(std::make_unique<State>()) {}
CodecBuffers::~CodecBuffers() = default;
CodecBuffers::CodecBuffers(CodecBuffers&&) noexcept = default;
CodecBuffers& CodecBuffers::operator=(CodecBuffers&&) noexcept = default;

struct ChunkCodec::Chain {
    // A step on elements, with the shape it gets (transpositions change it).
    struct ArrayStep {
        Codec codec;
        Shape shape;
    };
    // A step on bytes, with the most bytes it gets from its predecessor, and from any writer's.
    struct ByteStep {
        Codec codec;
        std::uint64_t bound;
        std::uint64_t plausible;
    };

    ChunkLayout layout;
    std::uint64_t bytes = 0;
    std::vector<ArrayStep> array_steps;
    Codec to_bytes = BytesCodec{};
    std::optional<Shard> shard;  // if to_bytes is a ShardingCodec
    std::vector<ByteStep> byte_steps;
    std::uint64_t bound = 0;
    std::uint64_t plausible = 0;

    void add_array_step(const Codec& codec, Shape& shape);
    void set_to_bytes(const Codec& codec, const Shape& shape);
    void add_byte_step(const Codec& codec);

    ByteView encode_arrays(ByteView elements, CodecBuffers::State& state) const;
    ByteView encode_to_bytes(ByteView elements, CodecBuffers::State& state) const;
    ByteView decode_byte_steps(ByteView encoded, std::uint64_t most, std::span<std::byte> direct,
                               CodecBuffers::State& state) const;
    void decode_from_bytes(ByteView in, std::span<std::byte> out, CodecBuffers::State& state) const;
    void decode_arrays(std::span<std::byte> stored, std::span<std::byte> elements,
                       CodecBuffers::State& state) const;
    bool swaps() const;
    const BloscCodec* only_blosc() const;
};

void ChunkCodec::Chain::add_array_step(const Codec& codec, Shape& shape) {
    array_steps.push_back({codec, shape});
    if (const auto* transposition = std::get_if<TransposeCodec>(&codec))
        shape = transposed(shape, transposition->order);
    const auto* delta = std::get_if<DeltaCodec>(&codec);
    if (delta != nullptr &&
        (delta->type != layout.type ||
         (layout.type.kind != TypeKind::integer && layout.type.kind != TypeKind::unsigned_integer)))
        refuse("delta: only for integers of the array's own type");
}

void ChunkCodec::Chain::set_to_bytes(const Codec& codec, const Shape& shape) {
    const bool text = layout.type.kind == TypeKind::variable_text;
    if (text != std::holds_alternative<VariableTextCodec>(codec))
        refuse("text of variable length needs codec vlen-utf8, and nothing else does");
    to_bytes = codec;
    bound = plausible = bytes;
    if (text) {
        if (!array_steps.empty()) refuse("vlen-utf8: no codec may come before it");
        bound = plausible = kMaxTextBytes;
    }
    if (std::holds_alternative<ZfpyCodec>(codec)) plausible = 2 * bytes + 4096;
    if (const auto* sharding = std::get_if<std::shared_ptr<const ShardingCodec>>(&codec)) {
        shard.emplace(ChunkLayout{layout.type, shape, layout.fill}, **sharding);
        bound = shard->encoded_bound();
        plausible = shard->plausible_bound();
    }
}

void ChunkCodec::Chain::add_byte_step(const Codec& codec) {
    // The sizes a compressor may get only matter where it is used; text and shards are read
    // through it whatever they could have grown to.
    require_valid(codec, shard || layout.type.kind == TypeKind::variable_text ? 0 : bound);
    byte_steps.push_back({codec, bound, plausible});
    bound = zarr::encoded_bound(codec, bound);
    plausible = zarr::plausible_bound(codec, plausible);
}

bool ChunkCodec::Chain::swaps() const {
    const auto* order = std::get_if<BytesCodec>(&to_bytes);
    return order != nullptr && order->big_endian && layout.type.unit_bytes() > 1;
}

// The codec if blosc gets the elements as they are and nothing comes behind it.
const BloscCodec* ChunkCodec::Chain::only_blosc() const {
    const bool as_they_are =
        array_steps.empty() && std::holds_alternative<BytesCodec>(to_bytes) && !swaps();
    return as_they_are && byte_steps.size() == 1 ? std::get_if<BloscCodec>(&byte_steps[0].codec)
                                                 : nullptr;
}

ByteView ChunkCodec::Chain::encode_arrays(ByteView elements, CodecBuffers::State& state) const {
    for (const auto& step : array_steps) {
        const auto out = state.other().take(elements.size());
        if (const auto* transposition = std::get_if<TransposeCodec>(&step.codec)) {
            transpose(step.shape, transposition->order, layout.type.bytes, elements, out);
        } else {
            std::copy(elements.begin(), elements.end(), out.begin());
            difference(layout.type, out);
        }
        elements = out;
    }
    return elements;
}

ByteView ChunkCodec::Chain::encode_to_bytes(ByteView elements, CodecBuffers::State& state) const {
    if (shard) {
        // The result must not lie where the elements do.
        return shard->encode(elements, state.other(), state.shard_buffers());
    }
    if (!swaps()) return elements;
    const auto out = state.other().take(elements.size());
    swap_units(elements, layout.type.unit_bytes(), out);
    return out;
}

// The last step writes to `direct` if that is given, which then is filled exactly.
ByteView ChunkCodec::Chain::decode_byte_steps(ByteView encoded, std::uint64_t most,
                                              std::span<std::byte> direct,
                                              CodecBuffers::State& state) const {
    for (std::size_t i = byte_steps.size(); i-- > 0;) {
        const bool last = i == 0;
        const auto out = last && !direct.empty()
                             ? direct
                             : state.other().take(last ? most : byte_steps[i].plausible);
        const std::size_t size = decode_bytes(byte_steps[i].codec, encoded, out, state.contexts);
        encoded = out.first(size);
    }
    return encoded;
}

void ChunkCodec::Chain::decode_from_bytes(ByteView in, std::span<std::byte> out,
                                          CodecBuffers::State& state) const {
    if (shard) return shard->decode(in, out, state.shard_buffers());
    if (std::holds_alternative<ZfpyCodec>(to_bytes))
        return decode_zfp(layout.type, in, out, state.other());
    if (in.size() != out.size())
        refuse(fmt::format("{} bytes instead of the {} of a chunk", in.size(), out.size()));
    if (swaps())
        swap_units(in, layout.type.unit_bytes(), out);
    else if (in.data() != out.data())
        std::copy(in.begin(), in.end(), out.begin());
}

void ChunkCodec::Chain::decode_arrays(std::span<std::byte> stored, std::span<std::byte> elements,
                                      CodecBuffers::State& state) const {
    for (std::size_t i = array_steps.size(); i-- > 0;) {
        const auto* transposition = std::get_if<TransposeCodec>(&array_steps[i].codec);
        if (transposition == nullptr) {
            running_sum(layout.type, stored);
            continue;
        }
        const auto out = state.other().take(stored.size());
        transpose_back(array_steps[i].shape, transposition->order, layout.type.bytes, stored, out);
        stored = out;
    }
    if (stored.data() != elements.data()) std::copy(stored.begin(), stored.end(), elements.begin());
}

ChunkCodec::ChunkCodec(ChunkLayout layout, std::vector<Codec> codecs) {
    auto chain = std::make_unique<Chain>();
    chain->layout = std::move(layout);
    chain->bytes = bytes_of(chain->layout);
    if (chain->layout.fill.size() != chain->layout.type.bytes)
        throw Error{Exit::internal, "a fill value that is not one element"};
    Shape shape = chain->layout.shape;
    std::size_t at = 0;
    while (at < codecs.size() && is_array_codec(codecs[at]))
        chain->add_array_step(codecs[at++], shape);
    if (at == codecs.size() || is_byte_codec(codecs[at]))
        refuse("codecs: none of them turns the array into bytes");
    chain->set_to_bytes(codecs[at++], shape);
    for (; at < codecs.size(); ++at) {
        if (!is_byte_codec(codecs[at])) refuse("codecs: not in an order that can be applied");
        chain->add_byte_step(codecs[at]);
    }
    chain_ = std::move(chain);
}

ChunkCodec::~ChunkCodec() = default;
ChunkCodec::ChunkCodec(ChunkCodec&&) noexcept = default;
ChunkCodec& ChunkCodec::operator=(ChunkCodec&&) noexcept = default;

const ChunkLayout& ChunkCodec::layout() const {
    return chain_->layout;
}
std::size_t ChunkCodec::decoded_bytes() const {
    return chain_->bytes;
}
std::uint64_t ChunkCodec::encoded_bound() const {
    return chain_->bound;
}
std::uint64_t ChunkCodec::max_encoded_bytes() const {
    return chain_->plausible;
}

void ChunkCodec::require_writable() const {
    const auto require = [](const Codec& codec) {
        if (!is_writable(codec))
            throw Error{Exit::bad_input, "arrays with this codec are only read",
                        "write with blosc, zstd, gzip, zlib or lz4"};
    };
    require(chain_->to_bytes);
    for (const auto& step : chain_->byte_steps) require(step.codec);
    if (chain_->shard) chain_->shard->require_writable();
}

const ChunkCodec* ChunkCodec::inner() const {
    const bool reachable =
        chain_->shard && chain_->array_steps.empty() && chain_->byte_steps.empty();
    return reachable ? &chain_->shard->inner() : nullptr;
}
ByteRange ChunkCodec::index_range() const {
    return chain_->shard->index_range();
}
std::vector<std::uint64_t> ChunkCodec::inner_grid() const {
    return chain_->shard->inner_grid();
}
std::vector<std::optional<ByteRange>> ChunkCodec::decode_index(ByteView index,
                                                               CodecBuffers& buffers) const {
    return chain_->shard->decode_index(index, buffers.state().shard_buffers());
}

ByteView ChunkCodec::encode(ByteView elements, CodecBuffers& buffers) const {
    if (elements.size() != chain_->bytes)
        throw Error{Exit::internal, fmt::format("{} bytes of elements for a chunk of {}",
                                                elements.size(), chain_->bytes)};
    auto& state = buffers.state();
    ByteView bytes = chain_->encode_to_bytes(chain_->encode_arrays(elements, state), state);
    for (const auto& step : chain_->byte_steps) {
        const auto out = state.other().take(zarr::encoded_bound(step.codec, bytes.size()));
        bytes = out.first(encode_bytes(step.codec, bytes, out, state.contexts));
    }
    return bytes;
}

ByteView ChunkCodec::encode_changed(ByteView old, std::span<const ChunkBytes> changed,
                                    std::span<std::byte> elements, CodecBuffers& buffers) const {
    auto& state = buffers.state();
    if (const BloscCodec* blosc = chain_->only_blosc(); blosc != nullptr) {
        const auto scratch = state.first.take(blosc_splice_bound(*blosc, elements.size()));
        const auto out = state.second.take(blosc_bound(elements.size()));
        if (const auto size = splice_blosc(*blosc, old, changed, elements, {scratch, out}))
            return out.first(*size);
    }
    const auto before = state.old_chunk.take(chain_->bytes);
    decode(old, before, buffers);
    std::size_t at = 0;
    const auto keep_until = [&](std::size_t end) {
        std::copy_n(before.begin() + static_cast<std::ptrdiff_t>(at), end - at,
                    elements.begin() + static_cast<std::ptrdiff_t>(at));
    };
    for (const ChunkBytes& range : changed) {
        keep_until(range.first);
        at = range.first + range.bytes;
    }
    keep_until(elements.size());
    return encode(elements, buffers);
}

void ChunkCodec::decode(ByteView encoded, std::span<std::byte> elements,
                        CodecBuffers& buffers) const {
    if (elements.size() != chain_->bytes)
        throw Error{Exit::internal, fmt::format("{} bytes of elements for a chunk of {}",
                                                elements.size(), chain_->bytes)};
    if (encoded.size() > chain_->plausible)
        refuse(
            fmt::format("{} bytes are more than any writer makes of this chunk", encoded.size()));
    auto& state = buffers.state();
    const bool plain = std::holds_alternative<BytesCodec>(chain_->to_bytes);
    // What decompression makes is the chunk itself, but for byte order and order of elements,
    // which can be put right in place or from there.
    const auto bytes =
        plain && !chain_->byte_steps.empty()
            ? chain_->decode_byte_steps(encoded, chain_->bytes, elements, state)
            : chain_->decode_byte_steps(
                  encoded, chain_->byte_steps.empty() ? 0 : chain_->byte_steps[0].plausible, {},
                  state);
    chain_->decode_from_bytes(bytes, elements, state);
    chain_->decode_arrays(elements, elements, state);
}

std::vector<std::string> ChunkCodec::decode_text(ByteView encoded, CodecBuffers& buffers) const {
    if (chain_->layout.type.kind != TypeKind::variable_text)
        throw Error{Exit::internal, "not an array of text"};
    if (encoded.size() > chain_->plausible) refuse("a chunk of text of more than 256 MiB");
    std::uint64_t count = 1;
    for (const auto n : chain_->layout.shape) count *= n;
    return decode_strings(chain_->decode_byte_steps(encoded, kMaxTextBytes, {}, buffers.state()),
                          count);
}

}  // namespace hls::zarr
