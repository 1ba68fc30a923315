// SPDX-License-Identifier: Apache-2.0
#include "zarr/collection_store.hpp"

#include <fmt/format.h>

#include "core/error.hpp"
#include "net/endpoints.hpp"
#include "zarr/array.hpp"
#include "zarr/publish_lock.hpp"
#include "zarr/row_remaker.hpp"
#include "zarr/s3_source.hpp"

namespace hls::zarr {
namespace {

constexpr const char* kLayoutProperty = "layout";

// Beside a store in a bucket.
constexpr const char* kStateSuffix = ".hls-state";
constexpr const char* kClaimKey = "single-writer";
// Who writes to it, as its state folder remembers.
constexpr const char* kWriters = "writers";
constexpr const char* kShared = "shared";
constexpr const char* kAlone = "alone";
constexpr const char* kAloneUnconditional = "alone, no conditions";

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
    const bool in_bucket = net::is_s3_uri(store);
    while (store.size() > 1 && store.ends_with('/')) store.pop_back();
    if (!in_bucket) return store + ".hls-state";
    const net::S3Uri uri = net::parse_s3_uri(store);
    return net::state_dir() / "zarr" / net::percent_encode(uri.bucket + "/" + uri.key);
}

CollectionStore::CollectionStore(Collection collection, Mode mode, FileCalls& calls)
    : collection_(std::move(collection)), files_(calls) {
    if (net::is_s3_uri(collection_.store))
        open_bucket(mode);
    else
        open_folder(mode, calls);
    source_ = mixed_source(collection_.source, session_, state_->path() / "copies");
    const std::string name = state_->property("collection");
    if (!name.empty() && name != collection_.name)
        throw Error{Exit::usage, fmt::format("{} is the state of collection {}, not {}",
                                             state_->path().string(), name, collection_.name)};
}

CollectionStore::~CollectionStore() = default;

void CollectionStore::open_folder(Mode mode, FileCalls& calls) {
    const auto state = state_path(collection_);
    auto local = std::make_unique<LocalStore>(collection_.store, state / "staging", calls);
    local_ = local.get();
    store_ = std::move(local);
    state_ =
        std::make_unique<StateFolder>(state, mode == Mode::create  ? StateFolder::Open::create
                                             : mode == Mode::write ? StateFolder::Open::existing
                                                                   : StateFolder::Open::read_only);
}

void CollectionStore::open_bucket(Mode mode) {
    const auto folder = state_path(collection_);
    if (net::is_s3_uri(folder.string()))
        throw Error{Exit::usage, "the state of a store in a bucket is a folder of this host"};
    session_ = std::make_shared<S3Session>();
    state_ = std::make_unique<StateFolder>(folder, StateFolder::Open::create);
    std::string place = collection_.store;
    while (place.ends_with('/')) place.pop_back();
    beside_ = std::make_unique<S3Store>(session_->client, place + kStateSuffix);
    const std::string known = copy_property(*state_, kWriters);
    const bool alone = known.empty() ? collection_.single_writer : known != kShared;
    if (!alone && collection_.single_writer)
        throw Error{Exit::usage, fmt::format("{} is shared by several hosts", collection_.store),
                    "leave --single-writer away"};
    if (alone)
        claim_alone(mode, *beside_);
    else
        join_others(mode, *beside_);
    store_ = std::make_unique<S3Store>(session_->client, place,
                                       copy_property(*state_, kWriters) != kAloneUnconditional);
    if (mode != Mode::create && state_->property(kLayoutProperty).empty())
        throw Error{Exit::missing_input, fmt::format("no store {}", store_->name()),
                    "make it with hls-zarr-update create"};
}

// All writers have this state folder: its database alone decides.
void CollectionStore::claim_alone(Mode mode, ObjectStore& beside) {
    shared_.reset();
    if (!copy_property(*state_, kWriters).empty() || mode == Mode::read) return;
    const std::string ours = folder_identity(*state_);
    Bytes content;
    if (beside.head("log/000000000001"))
        throw Error{Exit::usage, fmt::format("{} is shared by several hosts", collection_.store),
                    "leave --single-writer away"};
    if (!beside.get(kClaimKey, content)) {
        beside.put(kClaimKey, std::as_bytes(std::span(ours)));
        beside.get(kClaimKey, content);
    }
    const std::string_view claim(reinterpret_cast<const char*>(content.data()), content.size());
    if (claim != ours)
        throw Error{Exit::usage,
                    fmt::format("{} has a single writer, and it is not this state folder",
                                collection_.store),
                    "name that folder with --state"};
    set_copy_property(
        *state_, kWriters,
        honours_conditions(session_->client, beside.name()) ? kAlone : kAloneUnconditional);
}

void CollectionStore::join_others(Mode mode, ObjectStore& beside) {
    shared_ = std::make_unique<SharedState>(*state_, beside);
    if (copy_property(*state_, kWriters).empty()) {
        if (beside.head(kClaimKey))
            throw Error{Exit::usage, fmt::format("{} has a single writer", collection_.store),
                        "name its state folder with --state"};
        if (mode != Mode::read) {
            if (!honours_conditions(session_->client, beside.name()))
                throw Error{
                    Exit::unavailable,
                    fmt::format("the server of {} ignores conditions (If-None-Match, If-Match), "
                                "without which hosts overwrite each other",
                                collection_.store),
                    "--single-writer, if all writers use one state folder of one host"};
            set_copy_property(*state_, kWriters, kShared);
        }
    }
    shared_->catch_up();
    remaker_ = std::make_unique<RowRemaker>(*this);
    shared_->remaker = remaker_.get();
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
    PublishLock publish(writer, store.access());
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
