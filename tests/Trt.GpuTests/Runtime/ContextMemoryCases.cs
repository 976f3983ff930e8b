using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>Scratch memory that the user gives.</summary>
internal sealed class ContextMemoryCases(Subject subject)
{
    public void Run()
    {
        subject.Case("a context without memory of its own runs in the user's", () =>
        {
            using ICudaEngine engine = subject.LeNet();
            long size = subject.Library.Supports("ICudaEngine.getDeviceMemorySize") ? (long)engine.DeviceMemorySize : engine.DeviceMemorySizeV2;
            using DeviceMemory<byte> scratch = new(size, subject.Device), other = new(size, subject.Device);
            subject.Checks.Note($"{size} bytes");
            using LeNetRun run = new(subject, subject.Library.Supports("ICudaEngine.createExecutionContextWithoutDeviceMemory") ? engine.CreateExecutionContextWithoutDeviceMemory() : engine.CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged), 20);
            void Give(DeviceMemory<byte> memory)
            {
                if (subject.Library.Supports("IExecutionContext.setDeviceMemory"))
                {
                    run.Context.SetDeviceMemory(memory.Pointer);
                }
                else
                {
                    run.Context.SetDeviceMemoryV2(memory.Pointer, size);
                }
            }

            Give(scratch);
            string? wrong = run.Run();
            Give(other);
            return wrong ?? run.Run();
        });
        subject.Case("memory with its size, for a profile and for the shapes", () =>
        {
            subject.Needs("IExecutionContext.setDeviceMemoryV2", "ICudaEngine.getDeviceMemorySizeForProfileV2", "IExecutionContext.updateDeviceMemorySizeForShapes");
            using ICudaEngine engine = subject.LeNet();
            long size = engine.GetDeviceMemorySizeForProfileV2(0);
            using DeviceMemory<byte> scratch = new(Math.Max(size, 1), subject.Device);
            using LeNetRun run = new(subject, engine.CreateExecutionContext(ExecutionContextAllocationStrategy.UserManaged), 20);
            long needed = (long)run.Context.UpdateDeviceMemorySizeForShapes();
            if (size == 0 && subject.Plans is RecordedPlans)
            {
                throw new MissingException("the library tells these sizes for engines of 10.1 and later only");
            }

            subject.Checks.Note($"{size} bytes for the profile, {engine.DeviceMemorySizeV2} for all, {needed} for 20 digits");
            if (size <= 0 || needed <= 0 || needed > size || size > engine.DeviceMemorySizeV2)
            {
                return "the sizes do not fit together";
            }

            run.Context.SetDeviceMemoryV2(scratch.Pointer, size);
            string? wrong = run.Run();
            run.Context.SetDeviceMemoryV2(scratch.Pointer, needed);
            return wrong ?? run.Run();
        });
        subject.Case("memory that comes with a change of profile", () =>
        {
            subject.Needs("IExecutionContext.updateDeviceMemorySizeForShapes");
            using ICudaEngine engine = subject.Engine(subject.Plans.TwoProfiles);
            using LeNetRun run = new(subject, engine.CreateExecutionContext(ExecutionContextAllocationStrategy.OnProfileChange), 20);
            string? wrong = run.Run();
            run.Profile(1);
            run.Shape(20);
            return wrong ?? run.Run();
        });
    }
}
