using System.Text.Json;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The program as a child of itself: looks at the device or at a library, or runs a part.</summary>
internal static class Child
{
    public static int Run(string folder)
    {
        ChildTask task = ChildTask.Read(folder);
        if (task.Data.FirstOrDefault(data => Directory.Exists(Path.Combine(data, "tests", "goldens"))) is { } carried)
        {
            AppContext.SetData(Checkout.Setting, carried);
        }

        if (task.Data.Count > 0)
        {
            // The suite takes models that its checkout lacks from the folder that this names.
            Environment.SetEnvironmentVariable("TRT_TEST_MODELS", Environment.GetEnvironmentVariable("TRT_TEST_MODELS") ?? task.Data[0]);
        }

        if (task.Part is not null)
        {
            RunPart(task, folder);
        }
        else if (task.On is { } library)
        {
            LibraryProbe.Run(library, ChildTask.AnswerIn(folder));
        }
        else
        {
            File.WriteAllText(ChildTask.AnswerIn(folder), JsonSerializer.Serialize(DeviceReport.Look(), Journal.Json));
        }

        return 0;
    }

    private static void RunPart(ChildTask task, string folder)
    {
        Part part = Parts.All.Single(part => part.Name == task.Part);
        Device device = Device.All[0];
        if (!device.IsHost)
        {
            device.MakeCurrent();
        }

        using Journal journal = new(ChildTask.JournalIn(folder));
        Checks checks = new(Console.Out, part.Name, task.On?.Name, journal);
        Files files = new(task.Found, task.Plans, task.Data);
        try
        {
            part.Run(new PartContext(checks, files, device, Console.Out, task.On, task.Done.ToHashSet(StringComparer.Ordinal)));
        }
        catch (MissingException missing)
        {
            checks.Skip(part.Name, missing.Message);
        }
        catch (Exception exception)
        {
            checks.That($"{part.Name} gets to its end", () => exception.ToString());
        }

        // What an owner's process holds at its end is the driver's to free; finalizers of native objects have no order then.
        Console.Out.Flush();
    }
}
