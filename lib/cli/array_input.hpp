// SPDX-License-Identifier: Apache-2.0
// Work of one array child: --inputs-from FILE|- and --index N replace or extend the arguments.
#pragma once

#include <string>
#include <vector>

namespace hls::cli {

// Without --inputs-from returns `arguments` as they are. Otherwise takes line N (0-based; N from
// --index or AWS_BATCH_JOB_ARRAY_INDEX): a bare line is appended as positional argument, a JSON
// object {"unit","run_id","seq","argv":[...]} replaces all arguments and sets HLS_UNIT, HLS_RUN_ID
// and HLS_SEQ; one that has a schema and no argv is data, and as a bare line. Throws Error{usage}
// without an index, {missing_input} without the file or the line, {bad_input} for malformed JSON.
std::vector<std::string> expand_array_input(std::vector<std::string> arguments);

}  // namespace hls::cli
