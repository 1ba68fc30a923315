// SPDX-License-Identifier: Apache-2.0
// A collection with its store, its state and its objects, opened for work.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "zarr/collection.hpp"
#include "zarr/local_store.hpp"
#include "zarr/object_source.hpp"
#include "zarr/s3_store.hpp"
#include "zarr/shared_state.hpp"
#include "zarr/state_folder.hpp"
#include "zarr/store_layout.hpp"
#include "zarr/transaction.hpp"
#include "zarr/writer.hpp"

namespace hls::zarr {

class CollectionStore {
 public:
    enum class Mode { create, write, read };

    // Throws Error{missing_input} if there is no store (unless it is to be made), {usage} if its
    // state belongs to another collection. Of a store in a bucket the state folder is this host's
    // copy of the shared state, made and brought up to date here; Error{unavailable} if the server
    // ignores conditions, so that hosts cannot share it.
    CollectionStore(Collection collection, Mode mode, FileCalls& calls = posix_calls());
    ~CollectionStore();

    const Collection& collection() const { return collection_; }
    StateFolder& state() { return *state_; }
    ObjectStore& store() { return *store_; }
    const ObjectSource& source() const { return *source_; }
    StoreAccess access() { return {*store_, local_, files_, shared_.get()}; }
    bool is_local() const { return local_ != nullptr; }
    EmptyChunks empty_chunks() const;

    // Read when first asked for.
    const StoreLayout& layout();
    void forget_layout() { layout_.reset(); }

 private:
    void open_folder(Mode mode, FileCalls& calls);
    void open_bucket(Mode mode);
    void claim_alone(Mode mode, ObjectStore& beside);
    void join_others(Mode mode, ObjectStore& beside);

    Collection collection_;
    std::shared_ptr<S3Session> session_;
    std::unique_ptr<ObjectStore> store_;
    const LocalStore* local_ = nullptr;
    DurableFiles files_;
    std::unique_ptr<StateFolder> state_;
    std::unique_ptr<ObjectStore> beside_;  // log and lease, if several hosts share the state
    std::unique_ptr<SharedState> shared_;
    std::unique_ptr<Remaker> remaker_;
    std::unique_ptr<ObjectSource> source_;
    std::unique_ptr<StoreLayout> layout_;
};

// Folder of a collection's state.
std::filesystem::path state_path(const Collection& collection);

// Makes the empty store as one transaction. False if it was there already, just as it would be made
// now; Error{cannot_create} if it is there and different.
bool create_store(CollectionStore& store, Writer& writer, Source& first);

// Shapes become visible node by node, then all at once.
Phase phase_of_document(const std::string& key);

}  // namespace hls::zarr
