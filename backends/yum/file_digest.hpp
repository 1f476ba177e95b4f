// SPDX-License-Identifier: GPL-3.0-or-later
// The digest of a packed file, of the algorithm that its header names.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL

namespace yum {

class FileDigest {
  public:
    /// Has OpenSSL read its configuration and find its algorithms, which the first digest would do
    /// else.
    static void prepare();

    /// `algorithm`: OpenPGP's number (RFC 4880 §9.4). Throws Refused (package-unsupported).
    explicit FileDigest(std::uint32_t algorithm);

    void update(std::string_view bytes);

    /// In hexadecimal digits, in lower case; then it begins anew.
    std::string finish();

    /// Whether `found` is the digest that a header gives a file of that size. rpm of old gave
    /// empty files a digest of zeros, or none.
    static bool same(std::string_view given, std::string_view found, std::uint64_t size);

  private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    void begin();

    std::uint32_t algorithm_;
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

}  // namespace yum
