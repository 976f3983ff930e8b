using Xunit;

namespace Trt.Tests;

/// <summary>Finds the model files: the repository's models/ folder first, then the folder that TRT_TEST_MODELS names.</summary>
internal static class ModelFiles
{
    private const string Variable = "TRT_TEST_MODELS";

    /// <summary>A file that every checkout has.</summary>
    public static string Find(string name) => TryFind(name)
        ?? throw new FileNotFoundException($"models/{name} is not in the repository, and {Variable} names no folder that has it.");

    /// <summary>A file of the full set, which only some machines have; the test is skipped elsewhere.</summary>
    public static string FindOrSkip(string name)
    {
        string? path = TryFind(name);
        Skip.If(path is null, $"{name} is part of the full model set: set {Variable} to its folder to run this test.");
        return path!;
    }

    private static string? TryFind(string name)
    {
        string?[] folders = [Checkout.Path("models"), Environment.GetEnvironmentVariable(Variable)];
        return folders.Where(folder => !string.IsNullOrEmpty(folder)).Select(folder => Path.Combine(folder!, name)).FirstOrDefault(File.Exists);
    }
}
