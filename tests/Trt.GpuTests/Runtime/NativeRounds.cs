using System.Diagnostics;
using System.Globalization;

namespace Trt.GpuTests;

/// <summary>The rounds of <see cref="LeakPart"/> as a C++ program makes them: what the library itself leaves behind.</summary>
/// <param name="Device">Bytes more on the device for each round.</param>
/// <param name="Resident">Bytes more resident in the process for each round.</param>
/// <param name="Milliseconds">What a round takes.</param>
internal sealed record NativeRounds(double Device, double Resident, double Milliseconds)
{
    public static NativeRounds Nothing { get; } = new(0, 0, 0);

    /// <summary>Compiles and runs the program.</summary>
    /// <param name="library">8.6.0's lean runtime.</param>
    /// <param name="plan">LeNet's plan.</param>
    /// <param name="digits">The values of 20 digits.</param>
    /// <param name="what"><c>engines</c> or <c>contexts</c>.</param>
    /// <param name="rounds">How many.</param>
    /// <exception cref="MissingException">There is no compiler here.</exception>
    public static NativeRounds Run(string library, string plan, float[] digits, string what, int rounds)
    {
        string folder = Directory.CreateTempSubdirectory("trt-rounds-").FullName;
        try
        {
            string sources = Path.Combine(AppContext.BaseDirectory, "native");
            string program = Path.Combine(folder, "rounds"), input = Path.Combine(folder, "input");
            Start("g++", ["-O2", "-std=c++17", "-I" + sources, "-o", program, Path.Combine(sources, "gpu_rounds", "rounds.cpp"), "-ldl"]);
            File.WriteAllBytes(input, System.Runtime.InteropServices.MemoryMarshal.AsBytes(digits.AsSpan()).ToArray());
            double[] numbers = [.. Start(program, [library, plan, input, what, rounds.ToString(CultureInfo.InvariantCulture)]).Split(' ', StringSplitOptions.TrimEntries).Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
            return new NativeRounds(numbers[1] / rounds, numbers[2] / rounds, numbers[3] * 1000 / rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Start(string program, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{program} ended with code {process.ExitCode}: {error.Result}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new MissingException($"there is no {program} here");
        }
    }
}
