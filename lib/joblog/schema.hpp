// SPDX-License-Identifier: Apache-2.0
// Tables of the job log (described for users in hls-log(1)).
#pragma once

#include "store/migration.hpp"

namespace hls::joblog {

const store::Schema& schema() noexcept;

}  // namespace hls::joblog
