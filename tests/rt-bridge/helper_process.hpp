// SPDX-License-Identifier: GPL-3.0-or-later
// A server that a test starts: a program that prints one line when it is ready, and ends with its
// standard input.
#pragma once

#include <fcntl.h>
#include <stdexcept>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace tests {

class HelperProcess {
  public:
    explicit HelperProcess(const std::vector<std::string>& arguments) {
        int to_child[2], from_child[2];
        if (::pipe2(to_child, O_CLOEXEC) != 0 || ::pipe2(from_child, O_CLOEXEC) != 0) {
            throw std::runtime_error("no pipe");
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(to_child[0], 0);
            ::dup2(from_child[1], 1);
            std::vector<char*> pointers;
            for (const auto& argument : arguments) {
                pointers.push_back(const_cast<char*>(argument.c_str()));
            }
            pointers.push_back(nullptr);
            ::execvp(pointers[0], pointers.data());
            ::_exit(127);
        }
        ::close(to_child[0]);
        ::close(from_child[1]);
        input_ = to_child[1];
        char c = 0;
        while (::read(from_child[0], &c, 1) == 1 && c != '\n') line_ += c;
        ::close(from_child[0]);
        if (line_.empty()) throw std::runtime_error(arguments.back() + " did not start");
    }

    ~HelperProcess() {
        ::close(input_);
        ::waitpid(pid_, nullptr, 0);
    }

    HelperProcess(const HelperProcess&) = delete;
    HelperProcess& operator=(const HelperProcess&) = delete;

    /// What it printed when it was ready.
    const std::string& line() const { return line_; }

  private:
    int pid_ = -1;
    int input_ = -1;
    std::string line_;
};

}  // namespace tests
