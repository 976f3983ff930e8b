using System.CommandLine;
using SamplePlugins;
using Trt.Cpu;
using Trt.Interop;
using Trt.Interop.Cuda;

Option<string?> libraryOption = new("--library") { Description = "cpu, or the file or folder of a TensorRT library. Without it: whatever is found, else cpu." };
Option<bool> verboseOption = new("--verbose") { Description = "Show the library's log." };
RootCommand command = new("Builds networks with plugins written in C#, reads the plans back by the plugins' names, and compares what the engines answer.") { libraryOption, verboseOption };
command.SetAction(parsed => Run(parsed.GetValue(libraryOption), parsed.GetValue(verboseOption)));
return command.Parse(args).Invoke();

static int Run(string? path, bool verbose)
{
    CpuRuntime.Register();
    TensorRtLibrary library = path switch
    {
        null => TensorRt.Load(),
        "cpu" => TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu }),
        _ => TensorRt.Load(path),
    };
    Console.WriteLine($"Library: {library}");
    if (library.Flavour != Flavour.Cpu && !CudaDriver.IsAvailable(out string reason))
    {
        Console.WriteLine($"Engines of this library need a GPU, and there is none here: {reason}");
        return 1;
    }

    Device device = library.Flavour == Flavour.Cpu ? Device.Host : Device.Current;
    using PluginRegistration plugins = new(library, device);
    int failed = 0;
    foreach ((string name, Func<string> run) in new PluginCases(library, device, plugins, new ConsoleLogger(verbose ? Severity.Verbose : Severity.Warning)).All())
    {
        try
        {
            Console.WriteLine($"PASSED {name}: {run()}");
        }
        catch (Exception error) when (error is InvalidOperationException or TensorRtException or CudaException)
        {
            failed++;
            Console.WriteLine($"FAILED {name}: {error.Message}");
        }
    }

    return failed == 0 ? 0 : 1;
}
