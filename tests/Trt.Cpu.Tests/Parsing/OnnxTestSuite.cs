using System.Globalization;
using Trt.Onnx;

namespace Trt.Cpu.Tests.Parsing;

/// <summary>ONNX's own node tests: a folder for each, with a model, inputs and the outputs that are right.</summary>
/// <remarks>Found through ONNX_NODE_TESTS, else where Debian's libonnx-testdata puts them.</remarks>
internal static class OnnxTestSuite
{
    public const string Variable = "ONNX_NODE_TESTS";
    private const string DebianFolder = "/usr/share/libonnx-testdata";
    private static readonly Lazy<string?> Found = new(Find);

    /// <summary>The folder that holds the tests' folders, or null.</summary>
    public static string? Folder => Found.Value;

    /// <summary>What to say where they are not.</summary>
    public static string Missing => $"ONNX's node tests are not here: set {Variable} to the folder that holds test_abs and the others, or install libonnx-testdata.";

    /// <summary>Names of the tests that are there.</summary>
    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Folder!, "test_*").Where(folder => File.Exists(Path.Combine(folder, "model.onnx"))).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal);

    public static string Model(string name) => Path.Combine(Folder!, name, "model.onnx");

    /// <summary>Tensors of the first data set: <c>input</c> or <c>output</c>, in their order.</summary>
    public static TensorProto[] Tensors(string name, string kind)
    {
        string folder = Path.Combine(Folder!, name, "test_data_set_0");
        List<TensorProto> tensors = [];
        for (int i = 0; File.Exists(Path.Combine(folder, $"{kind}_{i}.pb")); i++)
        {
            tensors.Add(TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, $"{kind}_{i}.pb"))));
        }

        return [.. tensors];
    }

    /// <summary>Relative and absolute tolerance: the test's own, else ONNX's usual ones.</summary>
    public static (double Relative, double Absolute) Tolerance(string name)
    {
        string path = Path.Combine(Folder!, name, "tolerance.txt");
        if (!File.Exists(path))
        {
            return (1e-3, 1e-7);
        }

        string[] numbers = File.ReadAllText(path).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return (double.Parse(numbers[0], CultureInfo.InvariantCulture), double.Parse(numbers[1], CultureInfo.InvariantCulture));
    }

    private static string? Find()
    {
        string? named = Environment.GetEnvironmentVariable(Variable);
        string start = string.IsNullOrEmpty(named) ? DebianFolder : named;
        return !Directory.Exists(start) ? null
            : Directory.EnumerateFiles(start, "model.onnx", SearchOption.AllDirectories).FirstOrDefault() is { } model ? Path.GetDirectoryName(Path.GetDirectoryName(model))
            : null;
    }
}
