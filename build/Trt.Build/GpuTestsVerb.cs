using System.Globalization;
using System.Text.Json.Nodes;

namespace Trt.Build;

/// <summary>Packs tests/Trt.GpuTests with .NET, models and goldens into one file to carry to a machine with a GPU.</summary>
internal static class GpuTestsVerb
{
    /// <summary>What the packed file may hold at most.</summary>
    private const long MostBytes = 40_000_000;

    /// <summary>Names the folder of more and larger models; see docs/building.md.</summary>
    private const string ModelsVariable = "TRT_TEST_MODELS";

    /// <summary>What is taken of them where they are.</summary>
    private static readonly string[] MoreModels =
    [
        "charrnn.onnx", "charrnn.pth", "charrnn.json", "charrnn_golden.npz", "encoder.onnx", "encoder.pth", "encoder_golden.npz", "images", "images_golden.npz",
        "lenet.npz", "lenet.pt", "lenet.safetensors", "lenet_legacy.pth",
        "shapes_retinanet.onnx", "shapes_retinanet.pth", "shapes_retinanet_dynamic.onnx", "shapes_retinanet_golden.npz",
    ];

    /// <summary>What .NET brings along that neither the program nor xunit uses: what debuggers load, other garbage collectors, Visual Basic, tables.</summary>
    private static readonly string[] Unused =
    [
        "createdump", "libclrgc.so", "libclrgcexp.so", "libcoreclrtraceptprovider.so", "libmscordaccore.so", "libmscordbi.so",
        "Microsoft.VisualBasic.dll", "Microsoft.VisualBasic.Core.dll", "System.Data.dll", "System.Data.Common.dll", "System.Data.DataSetExtensions.dll",
        "System.Private.DataContractSerialization.dll", "System.Runtime.Serialization.Json.dll", "System.Runtime.Serialization.Xml.dll",
    ];

    public static int Execute(Repository repository, IReadOnlyList<string> arguments)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new BuildException("the program is for Linux and is packed on Linux");
        }

        string folder = Path.Combine(repository.Artifacts, "gpu-tests");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        string project = Path.Combine(repository.Root, "tests", "Trt.GpuTests", "Trt.GpuTests.csproj");
        Dotnet.Quietly("publishing tests/Trt.GpuTests", repository.Root, "publish", project, ["-r", "linux-x64", "--self-contained", "-o", folder, .. arguments]);

        // Documentation is for editors, and symbols are wanted for the tests' own lines only.
        foreach (string file in Directory.EnumerateFiles(folder, "*.xml").Concat(Directory.EnumerateFiles(folder, "*.pdb").Where(file => Path.GetFileName(file) != "Trt.GpuTests.pdb")))
        {
            File.Delete(file);
        }

        LeaveOut(folder);

        // The folder data has the shape of a checkout, where the tests look for their files.
        string data = Path.Combine(folder, "data");
        Copy(Path.Combine(repository.Root, "models"), Path.Combine(data, "models"));
        Copy(Path.Combine(repository.Root, "tests", "goldens"), Path.Combine(data, "tests", "goldens"));
        Copy(Path.Combine(repository.Root, "native", "kernels"), Path.Combine(folder, "native", "kernels"));
        string? models = Environment.GetEnvironmentVariable(ModelsVariable);
        foreach (string name in MoreModels)
        {
            string from = Path.Combine(models ?? string.Empty, name), to = Path.Combine(data, "models", name);
            if (models is not null && Directory.Exists(from))
            {
                Copy(from, to);
            }
            else if (models is not null && File.Exists(from))
            {
                File.Copy(from, to, overwrite: true);
            }
            else
            {
                Console.WriteLine($"without {name}: {ModelsVariable} names no folder that has it; checks that need it will be skipped");
            }
        }

        File.Copy(Path.Combine(repository.Root, "docs", "gpu-tests.md"), Path.Combine(folder, "README.md"), overwrite: true);
        File.Copy(Path.Combine(repository.Root, "LICENSE"), Path.Combine(folder, "LICENSE"), overwrite: true);
        string packed = Path.Combine(repository.Artifacts, "gpu-tests.tar.xz");
        Console.WriteLine($"packing {repository.Relative(packed)} …");

        // A dictionary of 64 MiB: models hold the same weights in several files, which a smaller one would not see again.
        Tool.Require("packing", repository.Artifacts, Tool.Find("tar") ?? throw new BuildException("there is no tar on the PATH"), "-c", "-I", "xz -9", "-f", packed, "gpu-tests");
        long size = new FileInfo(packed).Length;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{repository.Relative(packed)}  {size / 1e6:F1} MB"));
        return size <= MostBytes ? 0 : throw new BuildException(string.Create(CultureInfo.InvariantCulture, $"{repository.Relative(packed)} has {size / 1e6:F1} MB, more than {MostBytes / 1e6:F0} MB, which is what it may have to be carried"));
    }

    /// <summary>Deletes what is unused, also from the list of files without which the host does not start the program.</summary>
    private static void LeaveOut(string folder)
    {
        string list = Path.Combine(folder, "Trt.GpuTests.deps.json");
        JsonNode dependencies = JsonNode.Parse(File.ReadAllText(list))!;
        foreach ((_, JsonNode? target) in dependencies["targets"]!.AsObject())
        {
            foreach ((_, JsonNode? package) in target!.AsObject())
            {
                foreach (string kind in (ReadOnlySpan<string>)["runtime", "native"])
                {
                    if (package![kind] is JsonObject files)
                    {
                        foreach (string file in files.Select(entry => entry.Key).Where(key => Unused.Contains(Path.GetFileName(key))).ToArray())
                        {
                            files.Remove(file);
                        }
                    }
                }
            }
        }

        File.WriteAllText(list, dependencies.ToJsonString());
        foreach (string name in Unused)
        {
            File.Delete(Path.Combine(folder, name));
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target, overwrite: true);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(target, File.GetUnixFileMode(target) | UnixFileMode.UserWrite);
            }
        }
    }
}
