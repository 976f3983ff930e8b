namespace Trt.Build;

/// <summary>One word after build.sh or build.ps1.</summary>
/// <param name="Name">The word.</param>
/// <param name="Summary">One line for the help.</param>
/// <param name="Execute">Does it; gets the arguments after the word (a leading <c>--</c> is taken off) and returns the exit code.</param>
internal sealed record Verb(string Name, string Summary, Func<Repository, IReadOnlyList<string>, int> Execute)
{
    /// <summary>Every verb, in the order of the help.</summary>
    public static IReadOnlyList<Verb> All { get; } =
    [
        new("run", "runs a sample, samples/HelloNetwork unless one is named; arguments after -- go to the sample", RunVerb.Execute),
        new("test", "builds everything and runs all tests; arguments after -- go to dotnet test", TestVerb.Execute),
        new("build", "builds the solution and the native parts, checks PublicAPI.txt, counts lines", BuildVerb.Execute),
        new("bench", "builds and runs benchmarks/; arguments after -- go to the benchmarks", BenchVerb.Execute),
        new("pack", "writes the NuGet packages of src/ to artifacts/packages and tries the tool out of them", PackVerb.Execute),
        new("gpu-tests", "packs tests/Trt.GpuTests with all it needs into artifacts/gpu-tests.tar.xz, for a machine with a GPU", GpuTestsVerb.Execute),
        new("clean", "removes what the other verbs built; clean --all removes downloads (.cache) too", CleanVerb.Execute),
        new("api", "rewrites src/*/PublicAPI.txt from the built assemblies, after a wanted change of the API", ApiVerb.Execute),
    ];
}
