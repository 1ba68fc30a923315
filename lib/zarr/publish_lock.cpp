// SPDX-License-Identifier: Apache-2.0
#include "zarr/publish_lock.hpp"

namespace hls::zarr {

PublishLock::PublishLock(Writer& writer, StoreAccess access)
    : lock_(writer, {kPublishLock}), lease_{nullptr} {
    if (access.shared != nullptr) {
        access.shared->acquire(writer);
        lease_.shared = access.shared;
        access.shared->catch_up();
        lock_.read_generations();
    }
    recovered_ = recover(writer, access);
}

}  // namespace hls::zarr
