// Replays a capture through libsinsp and prints how many events came, how many conditions were fulfilled, and the processor time.
// Usage: replay CAPTURE [CONDITIONS], where each line of CONDITIONS is `code,code,… TAB condition`: the condition is evaluated for
// events of these codes, as Falco's engine does. Conditions that this version of the library refuses are counted.
#include <sinsp.h>
#include <filter.h>
#include <sys/resource.h>
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

// The name of the call that opens a capture changed between versions.
template <typename T>
auto open_capture(T& inspector, const std::string& path, int) -> decltype(inspector.open_savefile(path), void()) {
  inspector.open_savefile(path);
}
template <typename T>
auto open_capture(T& inspector, const std::string& path, long) -> decltype(inspector.open(path), void()) {
  inspector.open(path);
}

static double processor_seconds() {
  rusage usage;
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

int main(int argc, char** argv) {
  if (argc < 2) {
    fprintf(stderr, "usage: replay CAPTURE [CONDITIONS]\n");
    return 2;
  }
  try {
    sinsp inspector;
    std::vector<std::vector<sinsp_filter*>> by_code(1024);
    std::vector<std::unique_ptr<sinsp_filter>> filters;
    int refused = 0;
    if (argc > 2) {
      std::ifstream lines(argv[2]);
      std::string line;
      while (std::getline(lines, line)) {
        auto tab = line.find('\t');
        if (tab == std::string::npos) continue;
        try {
          sinsp_filter_compiler compiler(&inspector, line.substr(tab + 1));
          filters.emplace_back(compiler.compile());
        } catch (const std::exception&) {
          refused++;
          continue;
        }
        std::stringstream codes(line.substr(0, tab));
        std::string code;
        while (std::getline(codes, code, ',')) by_code.at(std::stoul(code)).push_back(filters.back().get());
      }
    }
    open_capture(inspector, argv[1], 0);
    double start = processor_seconds();
    unsigned long events = 0, fulfilled = 0;
    sinsp_evt* event = nullptr;
    for (;;) {
      auto result = inspector.next(&event);
      if (result == SCAP_TIMEOUT) continue;
      if (result != SCAP_SUCCESS) break;
      events++;
      for (auto* filter : by_code[event->get_type()])
        if (filter->run(event)) fulfilled++;
    }
    printf("{\"events\":%lu,\"fulfilled\":%lu,\"rules\":%zu,\"refused\":%d,\"seconds\":%f}\n", events, fulfilled,
           filters.size(), refused, processor_seconds() - start);
  } catch (const std::exception& error) {
    fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
