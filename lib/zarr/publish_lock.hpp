// SPDX-License-Identifier: Apache-2.0
// The right to change what readers of a store see.
#pragma once

#include "zarr/shared_state.hpp"
#include "zarr/transaction.hpp"

namespace hls::zarr {

// Holds the lock of this host and, where several hosts write, their lease. When it has been made,
// everything that was committed is known here and in place. Errors as OwnerLocks,
// SharedState::acquire() and recover().
class PublishLock {
 public:
    PublishLock(Writer& writer, StoreAccess access);

    // For commit(), together with the locks of the rows.
    OwnerLocks& owner() { return lock_; }
    // Transactions of others that had to be finished.
    int recovered() const { return recovered_; }

 private:
    struct Lease {
        SharedState* shared;
        ~Lease() {
            if (shared != nullptr) shared->release();
        }
    };

    OwnerLocks lock_;
    Lease lease_;
    int recovered_ = 0;
};

}  // namespace hls::zarr
