// SPDX-License-Identifier: Apache-2.0
#include "zarr/collection_store.hpp"

#include <fmt/format.h>

#include <set>

#include "core/error.hpp"
#include "zarr/array.hpp"

namespace hls::zarr {
namespace {

constexpr const char* kLayoutProperty = "layout";

// What must stay the same for the life of a store. How it is named in messages and where the files
// come from may change.
std::string identity_of(const StoreLayout& layout, const Collection& collection) {
    std::string text;
    for (const Document& document : layout.documents(collection, 0))
        text += document.key + "\n" + document.text;
    return text;
}

// Stages all chunks of an array that does not grow.
void stage_constant(StoreTransaction& transaction, const Array& array, const Bytes& elements) {
    EncodeBuffers buffers;
    const auto& metadata = array.metadata();
    const Region region = array.whole();
    const StridedView source{elements.data(), dense_strides(region.count, metadata.type.bytes)};
    for (const ChunkPart& part : chunk_parts(metadata.shape, metadata.chunk_shape, region)) {
        const EncodedObject object = encode_part(array, part, source, nullptr, buffers);
        transaction.put(Phase::coordinates, array.key_of(part.chunk), object.content);
    }
}

}  // namespace

Phase phase_of_document(const std::string& key) {
    return key == ".zmetadata" || key == "zarr.json" ? Phase::consolidated : Phase::shapes;
}

std::filesystem::path state_path(const Collection& collection) {
    if (!collection.state.empty()) return collection.state;
    std::string store = collection.store;
    while (store.size() > 1 && store.ends_with('/')) store.pop_back();
    return store + ".hls-state";
}

CollectionStore::CollectionStore(Collection collection, Mode mode, FileCalls& calls)
    : collection_(std::move(collection)), files_(calls) {
    const auto state = state_path(collection_);
    if (collection_.store.starts_with("s3://"))
        throw Error{Exit::unavailable, "stores in S3 are not supported"};
    auto local = std::make_unique<LocalStore>(collection_.store, state / "staging", calls);
    local_ = local.get();
    store_ = std::move(local);
    source_ = folder_source(collection_.source.empty() ? "." : collection_.source);
    state_ =
        std::make_unique<StateFolder>(state, mode == Mode::create  ? StateFolder::Open::create
                                             : mode == Mode::write ? StateFolder::Open::existing
                                                                   : StateFolder::Open::read_only);
    const std::string name = state_->property("collection");
    if (!name.empty() && name != collection_.name)
        throw Error{Exit::usage, fmt::format("{} is the state of collection {}, not {}",
                                             state.string(), name, collection_.name)};
}

EmptyChunks CollectionStore::empty_chunks() const {
    return is_local() ? collection_.empty_local : collection_.empty_s3;
}

const StoreLayout& CollectionStore::layout() {
    if (!layout_) layout_ = std::make_unique<StoreLayout>(read_layout(collection_, *store_));
    return *layout_;
}

bool create_store(CollectionStore& store, Writer& writer, Source& first) {
    const Collection& collection = store.collection();
    const StoreLayout layout = make_layout(collection, first);
    const std::string identity = identity_of(layout, collection);
    OwnerLocks publish(writer, {kPublishLock});
    recover(writer, store.access());
    const std::string known = store.state().property(kLayoutProperty);
    if (known == identity) return false;
    const bool occupied = store.store().head("zarr.json") || store.store().head(".zgroup") ||
                          store.store().head(".zarray");
    if (!known.empty() || occupied)
        throw Error{Exit::cannot_create,
                    fmt::format("{} exists and is different", store.store().name()),
                    "choose another store, or remove it and its state"};
    StoreTransaction transaction(writer, store.access());
    for (const auto& [name, elements] : layout.constants)
        stage_constant(transaction, Array(name, layout.array(collection, name, 0)), elements);
    for (const Document& document : layout.documents(collection, 0))
        transaction.put(phase_of_document(document.key), document.key,
                        std::as_bytes(std::span(document.text)));
    transaction.commit({}, 0, [&] {
        store.state().set_property("collection", collection.name);
        store.state().set_property(kLayoutProperty, identity);
        store.state().set_property("length", "0");
    });
    store.forget_layout();
    return true;
}

}  // namespace hls::zarr
