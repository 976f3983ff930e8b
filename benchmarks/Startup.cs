using System.Diagnostics;
using System.Globalization;
using System.Text;
using Trt.Interop;

namespace Trt.Benchmarks;

/// <summary>Loading a library and making a builder, C# with warm code against C++: a process each, in turn.</summary>
internal static unsafe class Startup
{
    private const int Rounds = 7;

    /// <summary>Compares; prints the medians.</summary>
    /// <param name="library">A library's file.</param>
    public static int Compare(string library)
    {
        List<double> managed = [];
        List<double> native = [];
        for (int i = 0; i < Rounds; i++)
        {
            native.Add(Child("startup-native", library));
            managed.Add(Child("startup-managed", library));
        }

        double difference = Median(managed) - Median(native);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"load and create a builder, median of {Rounds}: C++ {Median(native):0.0} ms, C# {Median(managed):0.0} ms, difference {difference:0.0} ms"));
        return 0;
    }

    /// <summary>One measurement in C#: the same code has run before, on the library of the other benchmarks.</summary>
    public static int Managed(string library)
    {
        DelegateLogger logger = new((_, _) => { });
        _ = TensorRt.Load(NativeCounterparts.Path).CreateInferBuilder(logger);
        Stopwatch watch = Stopwatch.StartNew();
        IBuilder builder = TensorRt.Load(library).CreateInferBuilder(logger);
        double milliseconds = watch.Elapsed.TotalMilliseconds;
        builder.Dispose();
        Console.WriteLine(milliseconds.ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>One measurement in C++.</summary>
    public static int Native(string library)
    {
        fixed (byte* path = Encoding.UTF8.GetBytes(library + "\0"))
        {
            Console.WriteLine(NativeCounterparts.LoadAndCreate(path).ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }

    private static double Child(string verb, string library)
    {
        using Process process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Arguments(), verb, library]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return double.TryParse(output, CultureInfo.InvariantCulture, out double milliseconds) && milliseconds >= 0
            ? milliseconds
            : throw new InvalidOperationException($"{verb} {library} printed: {output}");
    }

    /// <summary>What comes before the verb when the program runs under the dotnet host.</summary>
    public static IEnumerable<string> Arguments() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [typeof(Startup).Assembly.Location] : [];

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
