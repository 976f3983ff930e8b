namespace Trt.Build;

/// <summary>Builds native/ with CMake into artifacts/native. Without CMake or a C++ compiler the tests that need it are skipped, and say so.</summary>
internal static class NativeBuild
{
    public static void Execute(Repository repository)
    {
        string native = Path.Combine(repository.Root, "native");
        if (!Directory.Exists(native) || !Directory.EnumerateFiles(native, "CMakeLists.txt", SearchOption.AllDirectories).Any())
        {
            return;
        }

        const string purpose = "which native/abi_probe is built with";
        string? cmake = SystemPackages.Provide(purpose, "cmake make", "install CMake from https://cmake.org/download", "cmake");
        string? compiler = OperatingSystem.IsWindows()
            ? "Visual Studio's"         // CMake finds it by itself
            : SystemPackages.Provide(purpose, "g++", "install a C++17 compiler", "g++", "clang++", "clang++-19", "c++");
        if (cmake is null || compiler is null)
        {
            Console.WriteLine("native/ is not built; tests that need the probe will be skipped");
            return;
        }

        string build = Path.Combine(repository.Artifacts, "native");
        List<string> configure = ["-S", repository.Root, "-B", build, "-DCMAKE_BUILD_TYPE=Release"];
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("CXX") is null or "")
        {
            configure.Add($"-DCMAKE_CXX_COMPILER={compiler}");
        }

        (int code, string output) = Tool.Capture(repository.Root, cmake, configure);
        if (code != 0)
        {
            throw new BuildException($"CMake could not configure native/ (exit code {code}):\n{output}");
        }

        (code, output) = Tool.Capture(repository.Root, cmake, "--build", build, "--config", "Release", "--parallel", $"{Environment.ProcessorCount}");
        if (code != 0)
        {
            throw new BuildException($"native/ could not be compiled (exit code {code}):\n{output}");
        }
    }
}
